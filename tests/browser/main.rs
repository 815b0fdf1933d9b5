//! tmp
use afterword_tests::*;
#[tokio::test]
async fn smoke() {
    let b = Browser::open(Look { script: false, ..Look::default() }).await;
    b.visit("data:text/html,<p id=a>x</p><noscript><a id=plain href='data:text/html,<p id=there>hi</p>'>go</a></noscript><script>document.getElementById('a').textContent='JS'</script>").await;
    let e = b.find("#plain").await;
    println!("{:?}", e.text().await);
    println!("{:?}", b.run("return document.getElementById('a').textContent", vec![]).await);
    println!("{:?}", b.widget().shown().await);
    b.close().await;
    let b = Browser::open(Look { width: 360, dark: true, ..Look::default() }).await;
    b.visit("data:text/html,<p id=a>x</p><script>document.getElementById('a').textContent=innerWidth+' '+matchMedia('(prefers-color-scheme: dark)').matches; console.error('boo'); Promise.reject(new Error('rej')); throw new Error('thr')</script>").await;
    println!("{:?}", b.find("#a").await.text().await);
    b.close().await;
}
