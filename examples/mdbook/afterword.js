// Adds comments below every chapter.
{
  // Address of your Worker.
  const worker = 'http://localhost:8787';
  const place = document.createElement('div');
  place.id = 'afterword';
  document.querySelector('main').append(place);
  const script = document.createElement('script');
  script.src = `${worker}/embed.js`;
  script.crossOrigin = 'anonymous';
  document.body.append(script);
}
