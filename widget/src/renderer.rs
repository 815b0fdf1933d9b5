//! Rendering with `view`, for the scripts of the widget.

use afterword_model::PostUrl;
use afterword_view::{
    CommentState, DEFAULT_MAX_DEPTH, Messages, ParentComment, RenderContext, comment_count, comment_item,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::js_object::JsObject;
use crate::text_length;
use crate::thread_decoder::{decode_comment, decode_messages, decode_post_url};

/// Renders the parts of one thread that appear after the Worker's rendering, in the reader's language.
#[wasm_bindgen]
pub struct Renderer {
    messages: Messages,
    messages_path: String,
    endpoint: String,
    url: PostUrl,
}

#[wasm_bindgen]
impl Renderer {
    /// Creates a renderer. `messages` is the catalogue as an object, `url` the address of the post as the reader opened it.
    ///
    /// Returns nothing if the catalogue or the address is invalid.
    pub fn create(messages: JsValue, messages_path: String, endpoint: String, url: String) -> Option<Renderer> {
        let messages = decode_messages(&JsObject::from(messages))?;
        Some(Self { messages, messages_path, endpoint, url: decode_post_url(url)? })
    }

    /// The `<li>` of a comment as the Worker returned it to its author. `parent_name` is the name of the parent's author, if the parent is on
    /// the page.
    ///
    /// Returns nothing for a value that no Worker can have returned: every script of the blog can write to the storage from which it may come.
    pub fn comment(
        &self,
        comment: JsValue,
        depth: u8,
        parent_name: Option<String>,
        is_pending: bool,
    ) -> Option<String> {
        let comment =
            decode_comment(&JsObject::from(comment)).filter(|comment| comment.html.has_only_comment_markup())?;
        let parent = comment.parent.zip(parent_name);
        let parent = parent.as_ref().map(|(id, name)| ParentComment { id: *id, name });
        let state = if is_pending { CommentState::Pending } else { CommentState::Published };
        Some(comment_item(&self.context(), &self.url, &comment, depth, parent, state).into_string())
    }

    /// The maximum number of indented reply levels.
    pub fn max_depth(&self) -> u8 {
        DEFAULT_MAX_DEPTH
    }

    /// The text of the heading of the thread.
    pub fn heading(&self, count: u32) -> String {
        comment_count(&self.context(), count)
    }

    /// The text of a key, in the plural form for a number.
    pub fn count(&self, key: &str, number: u32) -> String {
        self.messages.format_count(key, number)
    }

    /// A number in the digits of the language.
    pub fn number(&self, number: u32) -> String {
        self.messages.number(number)
    }

    /// The time until another attempt, in words.
    pub fn wait(&self, seconds: u32) -> String {
        self.messages.wait_text(seconds)
    }

    /// Adds the texts that a part of the widget needs.
    pub fn add_messages(&mut self, messages: JsValue) {
        if let Some(more) = decode_messages(&JsObject::from(messages)) {
            self.messages = std::mem::take(&mut self.messages).with(more);
        }
    }

    /// Number of characters by which a text is too long.
    pub fn excess(&self, text: &str) -> u32 {
        text_length::excess(text)
    }

    /// Number of further characters for which a text has room, once there is little.
    pub fn room(&self, text: &str) -> Option<u32> {
        text_length::room(text)
    }

    fn context(&self) -> RenderContext<'_> {
        RenderContext {
            messages: &self.messages,
            endpoint: &self.endpoint,
            messages_path: &self.messages_path,
            max_depth: DEFAULT_MAX_DEPTH,
            avatars: true,
            linked: None,
        }
    }
}
