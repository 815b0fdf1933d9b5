// Reports errors of the page to the proxy. The array serves errors that the proxy has not received yet. A page that takes its parts from another
// page may run this again.
if (!window[Symbol.for('afterword.console')]) {
    const key = Symbol.for('afterword.console');
    const page = Math.random().toString(36).slice(2);
    const errors = [];
    const send = navigator.sendBeacon?.bind(navigator);
    const { stringify } = JSON;
    const describe = (value) => {
        try {
            return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
        } catch {
            return 'an unprintable value';
        }
    };
    const report = (text) => {
        const entry = stringify([`${page}-${errors.length}`, `${text} (${location.href})`]);
        errors[errors.length] = entry;
        try {
            send?.('http://console.test/', entry);
        } catch {}
    };
    Object.defineProperty(window, key, { value: errors });
    addEventListener('error', (event) => report(`uncaught ${describe(event.error ?? event.message)}`));
    addEventListener('unhandledrejection', (event) => report(`unhandled rejection of ${describe(event.reason)}`));
    document.addEventListener('securitypolicyviolation', (event) => {
        // A browser that may not compile the widget keeps the thread of the loader.
        if (event.blockedURI === 'wasm-eval') return;
        // The icon is asked for by the browser, not by the page.
        if (event.blockedURI === `${location.origin}/favicon.ico`) return;
        report(`blocked by ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
    });
    const { error } = console;
    console.error = (...values) => {
        let text = '';
        for (const value of values) text += `${describe(value)} `;
        report(text);
        Reflect.apply(error, console, values);
    };
}
