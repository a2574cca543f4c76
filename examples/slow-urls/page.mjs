/** The title of a page. */
export async function title(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url} gave ${response.status}`);
  return /<title>(.*)<\/title>/.exec(await response.text())[1];
}
