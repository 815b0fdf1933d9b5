COPY public.comments (id, "pageId", content, approved, by_nickname) FROM stdin;
a	p	x\ny	t	\N
\.
