//! A thread of 200 comments in twelve scripts, six levels deep.

use afterword_model::{CommentId, NewComment, PostedComment};

use crate::api::{Request, new_comment, wait_for_thread};
use crate::server::Server;

/// Number of comments in the thread.
const COMMENTS: usize = 200;

/// Depths of ten consecutive comments; the pattern repeats. Each comment replies to the last one of the level above.
const DEPTHS: [usize; 10] = [0, 1, 2, 3, 4, 5, 2, 1, 0, 1];

/// Sample texts in one script.
#[derive(Clone, Copy, Debug)]
pub struct ScriptSample {
    /// English name of the script.
    pub script: &'static str,
    /// A person's name in the script.
    pub name: &'static str,
    /// Texts in the script; the first is short.
    pub texts: [&'static str; 3],
}

/// One sample for each script.
pub const SCRIPT_SAMPLES: [ScriptSample; 12] = [
    ScriptSample {
        script: "Latin",
        name: "Zoë Đặng-Müller",
        texts: [
            "Schöner Text, danke! Trời hôm nay đẹp quá.",
            "> Never lift the parsnips before the first frost.\n\nThat is what *everybody* says, and **nobody** says why. Two reasons:\n\n1. starch turns into sugar below four degrees\n2. the ground is softer than one thinks",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvorstandsvorsitzender and `let answer = unbroken_identifiers_that_are_longer_than_a_telephone_is_wide();` must both wrap.",
        ],
    },
    ScriptSample {
        script: "Cyrillic",
        name: "Дарʼя Іваненко",
        texts: [
            "Дуже гарно написано.",
            "У нашему саду морозы начинаются в октябре, и тыквы мы убираем **до** первого снега. А зелёные помидоры дозревают на подоконнике.",
            "Съешь же ещё этих мягких французских булок, да выпей чаю — и приходи смотреть на иней: https://blog.example/иней",
        ],
    },
    ScriptSample {
        script: "Greek",
        name: "Ελένη Παπαδοπούλου",
        texts: [
            "Τι ωραία ανάρτηση!",
            "Στο χωριό μου δεν παγώνει ποτέ. Τις *πράσινες* ντομάτες τις κάνουμε γλυκό του κουταλιού, με ζάχαρη και κανέλα.",
            "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, έλεγε ο παππούς, και εννοούσε τα σαλιγκάρια.",
        ],
    },
    ScriptSample {
        script: "Arabic",
        name: "ليلى الخطيب",
        texts: [
            "مقال جميل، شكرًا لك.",
            "زرتُ عمّان في عام 2019، وأكلتُ أولًا **الفلافل** ثم *الكنافة*. هل جرّبت مطعم Hashem في وسط البلد؟",
            "> المسافر لا يصل أبدًا\n\nبل يصل، لكن متأخرًا:\n\n- مرةً بسبب القطار\n- ومرةً بسبب `timetable.rs`",
        ],
    },
    ScriptSample {
        script: "Hebrew",
        name: "נועה בן־דוד",
        texts: [
            "תודה על הפוסט!",
            "אצלנו בגליל הכפור בא רק פעם ב־10 שנים, ואז כולם מצלמים אותו. ראו גם https://blog.example/frost (באנגלית).",
            "עִבְרִית מְנֻקֶּדֶת נראית כך, ו**טקסט מודגש** נראה כך; באמצע משפט יש גם English words וסוף.",
        ],
    },
    ScriptSample {
        script: "Devanagari",
        name: "अनन्या शर्मा",
        texts: [
            "बहुत सुंदर लेख है।",
            "हमारे यहाँ पाला जनवरी में पड़ता है। हरे टमाटर की **सब्ज़ी** और चटनी, दोनों बनती हैं; क्षेत्र के हिसाब से मसाले बदलते हैं।",
            "ज्ञान, श्रृंखला, उद्घाटन, कर्तृत्व: संयुक्ताक्षर ठीक दिखने चाहिए।",
        ],
    },
    ScriptSample {
        script: "Thai",
        name: "สมชาย ใจดี",
        texts: [
            "เขียนได้ดีมากครับ",
            "ที่เชียงใหม่อากาศหนาวแค่เดือนธันวาคม แต่น้ำค้างแข็งบนดอยอินทนนท์สวยมากและไม่มีช่องว่างระหว่างคำจึงต้องตัดบรรทัดให้ถูกที่",
            "น้ำ ผู้ใหญ่ ปั๊ม เก้าอี้: วรรณยุกต์กับสระต้องไม่ซ้อนทับกัน",
        ],
    },
    ScriptSample {
        script: "Chinese",
        name: "陈思远",
        texts: [
            "写得真好，谢谢分享。",
            "我们这里十月就下霜了。青番茄可以炒鸡蛋，也可以*腌*起来；南瓜放在地窖里能存到春天。「霜降」这个节气说的就是这件事。",
            "没有空格的一长串文字必须能够在任何地方换行否则在手机上就会把整个页面撑宽这是我们最不愿意看到的事情所以在这里写一长句来试试。",
        ],
    },
    ScriptSample {
        script: "Japanese",
        name: "山本さくら",
        texts: [
            "素敵な記事ですね。",
            "うちの畑でも今朝はじめて霜が降りました。青いトマトは**ぬか漬け**にすると美味しいですよ。「カボチャ」は軒下へ。",
            "ひらがな、カタカナ、漢字、そして ﾊﾝｶｸ。全角の「かっこ」や、句読点の位置も見てください。",
        ],
    },
    ScriptSample {
        script: "Korean",
        name: "김하늘",
        texts: [
            "좋은 글 감사합니다.",
            "우리 동네는 **첫서리**가 십일월에 내려요. 풋토마토로는 장아찌를 담그면 됩니다.",
            "각각의 글자가 하나로 보여야 합니다: 한글. 그리고 긴 문장은 낱말 사이에서 줄이 바뀌어야 읽기 편합니다.",
        ],
    },
    ScriptSample {
        script: "emoji",
        name: "👩🏽‍🌾 Robin",
        texts: ["👍🏾", "👨‍👩‍👧‍👦 ate 🍅🍅🍅 and said ❤️‍🔥, then 🏳️‍🌈 and 🇯🇴🇩🇪🇮🇱, then 🧑🏻‍🤝‍🧑🏿.", "1️⃣ frost ❄️\n2️⃣ soup 🍲\n3️⃣ 😶‍🌫️"],
    },
    ScriptSample {
        script: "combining marks",
        name: "Å\u{301}sa N\u{303}u\u{304}\u{323}n\u{332}",
        texts: [
            "e\u{301} is é, o\u{308}\u{304} is ȫ.",
            "S\u{334}\u{33f}t\u{336}\u{352}a\u{337}\u{30e}c\u{338}\u{310}k\u{335}\u{30a}e\u{336}\u{351}d\u{337}\u{346} marks stay in their line, or nearly.",
            "Yorùbá: ọ̀rọ̀ àti ẹ̀kọ́; Lakȟótiyapi: wičhóoyake; IPA: [ˈt͡ʃʰɛ̃ːˑ].",
        ],
    },
];

/// Posts the whole thread to `url` and waits until it is published.
///
/// # Panics
///
/// If a comment is not accepted.
pub fn post_multilingual_thread(server: &Server, url: &str) {
    let mut last: [Option<CommentId>; 6] = [None; 6];
    for number in 0..COMMENTS {
        let depth = DEPTHS[number % DEPTHS.len()];
        let parent = depth.checked_sub(1).and_then(|above| last[above]);
        let response = Request::post_comment(&sample_comment(url, number, parent)).send(server);
        assert_eq!(response.status, 201, "{response:?}");
        last[depth] = Some(response.json::<PostedComment>().comment.id);
    }
    wait_for_thread(server, url, u32::try_from(COMMENTS).expect("a small number"));
}

/// Rotates through the scripts, so that every script occurs both above and below every other one.
fn sample_comment(url: &str, number: usize, parent: Option<CommentId>) -> NewComment {
    let sample = SCRIPT_SAMPLES[number % SCRIPT_SAMPLES.len()];
    let text = sample.texts[(number / SCRIPT_SAMPLES.len()) % sample.texts.len()];
    let website = number.is_multiple_of(5).then(|| "https://garden.example/".to_owned());
    let title = Some("Frost on the allotment".to_owned());
    NewComment { parent, website, title, name: Some(sample.name.to_owned()), ..new_comment(url, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_is_six_levels_deep_and_has_every_script() {
        assert_eq!(DEPTHS.iter().max(), Some(&5));
        assert!(DEPTHS.windows(2).all(|pair| pair[1] <= pair[0] + 1), "each reply has a comment one level above");
        let scripts: std::collections::BTreeSet<_> = SCRIPT_SAMPLES.iter().map(|sample| sample.script).collect();
        assert_eq!(scripts.len(), 12);
    }
}
