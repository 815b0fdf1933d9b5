export default (config) => {
  config.addGlobalData('site', {
    url: 'https://blog.example',
    // Address of your Worker.
    afterword: 'http://localhost:8787',
  });
  config.ignores.add('README.md');
};
