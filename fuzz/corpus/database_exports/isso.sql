CREATE TABLE comments (tid, id, mode, text, created);
INSERT INTO comments VALUES (1, 2, 1, unistr('\u000a') || 'it''s', -1.5), (1, 3, 4, NULL, X'00');
