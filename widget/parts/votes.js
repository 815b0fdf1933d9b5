/* The part for votes on comments and reactions to the post. */

const keyOf = (thread) => 'afterword:votes:' + thread.canonical;

/** Remembers a vote or reaction: the published thread knows only the sums. */
const store = (thread, name, value) => {
  if (value) thread.votes[name] = value;
  else delete thread.votes[name];
  thread.ui.writeObject(thread.local, keyOf(thread), thread.votes);
};

/** Votes for a comment, or takes the same vote back. The vote is sent as a state, so that sending it twice changes nothing. */
export const vote = async (thread, id, value) => {
  const article = thread.article(id);
  if (!article) return;
  const { showProblem, showVotes } = thread.ui;
  const before = { votes: article.votes, vote: thread.votes[id] || 0 };
  const chosen = before.vote == value ? 0 : value;
  // A change of the thread may replace the comment, but not its item.
  const item = article.parentNode;
  const turn = (item.voteTurn = (item.voteTurn || 0) + 1);
  const show = ({ votes, vote }) => {
    store(thread, id, vote);
    const current = thread.article(id);
    if (current) showVotes(thread, current, votes, vote);
  };
  showProblem(thread, article, '');
  show({ votes: before.votes + chosen - before.vote, vote: chosen });
  try {
    const answer = await thread.requestComment('POST', `/v1/comments/${id}/vote`, { vote: chosen });
    if (turn == item.voteTurn && !thread.isEnded) show(answer);
  } catch (error) {
    // The answer to a later press decides.
    if (turn != item.voteTurn || thread.isEnded) return;
    show(before);
    showProblem(thread, thread.article(id) || article, thread.text('vote.failed'));
    thread.reportError(error);
  }
};

/** Shows the reactions to the post above its form. */
export const showReactions = (thread) => {
  const { create, createButton, keepPosition } = thread.ui;
  let counts;
  try {
    counts = JSON.parse(thread.section.dataset.reactions);
  } catch {
    return;
  }
  const group = create('div', { className: 'aw-reactions' });
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', thread.text('reactions'));
  const buttons = counts.map(([name]) => createButton('aw-reaction', '', () => react(thread, group, name)));
  group.append(...buttons);
  // The published thread may lack the reader's own reaction for a minute.
  group.counts = counts.map(([name, count]) => [name, Math.max(count, +(thread.votes.reaction == name))]);
  drawReactions(thread, group);
  const [main] = thread.forms;
  keepPosition(thread.section, () => (main ? main.element.before(group) : thread.section.append(group)));
};

const drawReactions = (thread, group) => {
  const { create } = thread.ui;
  group.counts.forEach(([name, count], index) => {
    const button = group.children[index];
    if (!button) return;
    // The emoji and the number are the visible part of the accessible name.
    const [before, between, after] = thread.text('reaction.add').split(/\{\w+\}/);
    const hidden = (text) => create('span', { className: 'aw-hidden' }, text || '');
    button.setAttribute('aria-pressed', thread.votes.reaction == name);
    button.replaceChildren(hidden(before), name, hidden(between), ' ' + thread.number(count), hidden(after));
  });
};

/** Reacts to the post, or takes the same reaction back. */
const react = async (thread, group, name) => {
  const before = { counts: group.counts, reaction: thread.votes.reaction };
  const chosen = before.reaction == name ? null : name;
  const turn = (group.turn = (group.turn || 0) + 1);
  const show = (counts, reaction) => {
    group.counts = counts;
    store(thread, 'reaction', reaction);
    drawReactions(thread, group);
  };
  const change = (of) => (of == chosen) - (of == before.reaction);
  thread.ui.showProblem(thread, group, '');
  show(
    before.counts.map(([of, count]) => [of, count + change(of)]),
    chosen,
  );
  try {
    const { reactions, reaction } = await thread.requestComment('POST', '/v1/reactions', { reaction: chosen });
    if (turn != group.turn || thread.isEnded) return;
    const latest = new Map(reactions);
    show(
      before.counts.map(([of]) => [of, latest.get(of) || 0]),
      reaction,
    );
  } catch (error) {
    if (turn != group.turn || thread.isEnded) return;
    show(before.counts, before.reaction);
    thread.ui.showProblem(thread, group, thread.text('reaction.failed'));
    thread.reportError(error);
  }
};
