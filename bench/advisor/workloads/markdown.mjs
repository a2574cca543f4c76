import MarkdownIt from 'markdown-it';
import { marked } from 'marked';
import { records } from './data.mjs';

const page = records(150)
  .map(
    ({ id, name, at, tags, score }) =>
      `## ${id}. ${name} in *${at.city}*\n\nA paragraph with **${tags[0]}**, \`code(${score})\` and [a link](https://example.org/${id}).\n\n` +
      `- ${tags.join('\n- ')}\n\n| x | y |\n| --- | --- |\n| ${at.x} | ${at.y} |\n\n\`\`\`js\nconst ${name} = ${score};\n\`\`\`\n`,
  )
  .join('\n');
const renderer = new MarkdownIt({ linkify: false });

export function renderWithMarked() {
  return marked.parse(page).length;
}

export function renderWithMarkdownIt() {
  return renderer.render(page).length;
}
