//! The published threads of a page, read while the page is on its way.

use std::rc::Rc;
use std::time::Duration;

use afterword_model::{PageReader, PostRef, Sort, Thread};
use afterword_view::styles::Stylesheet;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use url::Url;
use worker::wasm_bindgen_futures::spawn_local;
use worker::{Method, Request};

use crate::context::AppContext;
use crate::http::assets;
use crate::kv_reader::KvReader;
use crate::platform::timeout::with_timeout;

/// Time for which a page waits at the place of its comments: a few milliseconds, since the reading began before the page was fetched.
const WAIT: Duration = Duration::from_millis(15);

/// A value that several may wait for. `None` if it cannot be read.
type Reading<T> = Shared<LocalBoxFuture<'static, Option<Rc<T>>>>;

/// The thread of the page's own address, the stylesheet, and whatever else the page turns out to need.
pub(super) struct ThreadSource {
    app: Rc<AppContext>,
    own: Option<(PostRef, Reading<Thread>)>,
    stylesheet: Reading<str>,
}

impl ThreadSource {
    /// Begins to read the thread of a page's own address, which is that of the post on most pages.
    pub(super) fn prefetch(app: &Rc<AppContext>, url: &Url) -> Self {
        let post = app.settings.sites.choose_post(url.as_str(), None).ok().map(|chosen| chosen.post);
        let own = post.map(|post| {
            let reading = read_thread(app, &post, Sort::default());
            spawn_local(reading.clone().map(drop));
            (post, reading)
        });
        let stylesheet = read_stylesheet(app, url);
        spawn_local(stylesheet.clone().map(drop));
        Self { app: Rc::clone(app), own, stylesheet }
    }

    /// The first page of the thread of a post, if it is there in time.
    pub(super) async fn thread(&self, post: &PostRef, sort: Sort) -> Option<Rc<Thread>> {
        let own = self.own.as_ref().filter(|(own, _)| own.url == post.url && sort == Sort::default());
        let reading = own.map_or_else(|| read_thread(&self.app, post, sort), |(_, reading)| reading.clone());
        with_timeout(WAIT, reading).await.flatten()
    }

    /// The styles for reading, if they are there in time.
    pub(super) async fn stylesheet(&self) -> Option<Rc<str>> {
        with_timeout(WAIT, self.stylesheet.clone()).await.flatten()
    }
}

fn read_thread(app: &Rc<AppContext>, post: &PostRef, sort: Sort) -> Reading<Thread> {
    let (app, post) = (Rc::clone(app), post.clone());
    let read = async move {
        let reader = KvReader::new(&app).ok()?;
        // The reader logs what fails.
        let read = reader.read(&post, |url| PageReader::new(url, 1, sort).with_root_page()).await;
        read.ok().map(|(thread, _)| Rc::new(thread))
    };
    read.boxed_local().shared()
}

/// The stylesheet as it is served: without comments and blanks.
fn read_stylesheet(app: &Rc<AppContext>, url: &Url) -> Reading<str> {
    let (app, url) = (Rc::clone(app), url.clone());
    let read = async move {
        let mut url = url;
        url.set_query(None);
        url.set_path(Stylesheet::Reading.path());
        let request = Request::new(url.as_str(), Method::Get).ok()?;
        let mut response =
            assets::fetch(&app.env, request).await.ok().filter(|response| response.status_code() == 200)?;
        response.text().await.ok().map(Rc::from)
    };
    read.boxed_local().shared()
}
