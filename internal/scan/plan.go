package scan

import (
	"cmp"
	"slices"
	"strings"
)

// plan is what is decided before the first request.
type plan struct {
	way    Way
	reader reader
	total  int    // rows expected, as an earlier reading had them counted; -1: not known
	why    string // why the way is slower than the method allows; empty: it is not
}

// refFunc is Source.Ref.
type refFunc func(call int, path ...any) []byte

// newPlan decides how to read. It is a pure function of the options and the
// table of methods.
func newPlan(o *Options, ref refFunc) (*plan, *Error) {
	b, bad := newBuilder(o, ref)
	if bad == nil {
		var p *plan
		if p, bad = b.plan(); bad == nil {
			p.total, p.why = b.counted(), b.why
			return p, nil
		}
	}
	return nil, &Error{Reason: bad.reason, Detail: bad.text()}
}

// builder makes the readers of one reading.
type builder struct {
	o     *Options
	ref   refFunc
	facts Facts
	known bool
	list  args
	bind  uint64
	from  *cursor // nil: the beginning
	joins bool    // the caller's parameters join another table, see Facts.Joined
	empty bool    // the caller asks for the rows of no ids
	why   string  // why the list is not read in the fastest way
}

func newBuilder(o *Options, ref refFunc) (*builder, *flaw) {
	if bad := checkOptions(o); bad != nil {
		return nil, bad
	}
	b := &builder{o: o, ref: ref}
	b.facts, b.known = lookup(o.Method, o.V3)
	b.overrule()
	text := o.Params
	if !b.positional() {
		var bad *flaw
		if b.list, bad = parseArgs(o.Params); bad != nil {
			return nil, bad
		}
		text = b.list.members()
	}
	b.bind = binding(o, text)
	if bad := b.look(); bad != nil {
		return nil, bad
	}
	return b, b.resume()
}

// look finds what the caller's parameters mean for the reading.
func (b *builder) look() *flaw {
	if b.why = b.o.Alone; b.positional() {
		return nil
	}
	if b.facts.Joins == JoinsAll && strings.HasPrefix(strings.ToLower(b.o.Method), "crm.") {
		for _, m := range b.list {
			if alias := strings.ToLower(m.name); alias == "arfilter" || alias == "arorder" || alias == "arselect" {
				return &flaw{reason: ErrParams, detail: m.name + " is a second name of " + alias[2:] + ", beside which the portal does not read it; write " + alias[2:]}
			}
		}
	}
	var bad *flaw
	if b.empty, bad = b.facts.check(b.list, b.o.V3, b.facts.Keyset); bad != nil {
		return bad
	}
	b.joins = b.facts.joins(b.list)
	switch {
	case !b.joins:
	case b.facts.JoinedBy != nil:
		b.facts.Keyset, b.facts.Stable = false, b.facts.JoinedBy
		b.why = "a row may come for each match in another table"
	default:
		b.facts.Uncounted, b.facts.Steps = true, true
	}
	return nil
}

func checkOptions(o *Options) *flaw {
	switch {
	case o.Method == "":
		return &flaw{reason: ErrOptions, detail: "no method"}
	case o.Paging > PagingOffset:
		return &flaw{reason: ErrOptions, detail: "unknown paging"}
	case o.Limit < 0, o.Concurrency < 0:
		return &flaw{reason: ErrOptions, detail: "limit and concurrency must not be below 0"}
	case o.MaxChain < 0, o.MaxChain > mostPages:
		return &flaw{reason: ErrOptions, detail: "a chain has 1 to " + itoa(mostPages) + " pages"}
	default:
		return o.Next.check()
	}
}

// check refuses names that lead nowhere.
func (n *Next) check() *flaw {
	if n == nil {
		return nil
	}
	parts := append(strings.Split(n.Param, "."), strings.Split(n.Key, ".")...)
	if slices.Contains(parts, "") || strings.Count(n.Param, ".") > 1 {
		return &flaw{reason: ErrOptions, detail: "the cursor of the method needs the name of its parameter, with one dot at most, and that of its member in the result"}
	}
	return nil
}

// overrule puts what the caller says in place of what the table says.
func (b *builder) overrule() {
	if b.o.RowsKey != "" {
		b.facts.Container, b.facts.AnyContainer = b.o.RowsKey, false
	} else if !b.known {
		b.facts.AnyContainer = true
	}
	if b.o.IDKey != "" {
		if b.facts.CursorKey == "" || !b.known {
			b.facts.CursorKey = b.o.IDKey
		}
		b.facts.IDKey = b.o.IDKey
	}
	if b.o.CursorKey != "" {
		b.facts.CursorKey = b.o.CursorKey
	}
	if b.o.Next != nil {
		b.facts.overrule(b.o.Next)
	}
}

// overrule makes the method one that goes on by the caller's cursor.
func (f *Facts) overrule(next *Next) {
	if f.Paging != StyleNext {
		f.MaxPageSize = 0 // of a limit that stands elsewhere
	}
	f.Paging, f.NextKey, f.MoreKey = StyleNext, next.Key, cmp.Or(f.MoreKey, "hasMore")
	in, name, dotted := strings.Cut(next.Param, ".")
	if !dotted {
		in, name = "", in
	}
	f.NextIn, f.NextParam = in, name
}

// positional reports whether the method takes its arguments by position: one
// more would be taken for another (protocol.md 2.3).
func (b *builder) positional() bool {
	return !b.o.V3 && strings.HasPrefix(strings.ToLower(b.o.Method), "task.")
}

// better says which method gives all rows that one by position gives in part.
func better(method string) string {
	if strings.EqualFold(method, "task.item.list") {
		return "; call tasks.task.list"
	}
	return ""
}

// resume reads the cursor to go on from.
func (b *builder) resume() *flaw {
	if b.o.Resume == "" {
		return nil
	}
	from, bad := decodeCursor(b.o.Resume)
	switch {
	case bad != nil:
		return bad
	case from.Bind != b.bind:
		return &flaw{reason: ErrCursor, detail: "it belongs to another method or to other parameters"}
	default:
		b.from = &from
		return nil
	}
}

func (b *builder) plan() (*plan, *flaw) {
	switch {
	case b.empty:
		return &plan{way: WayIDs, reader: none{}}, nil
	case b.positional() && b.o.Next != nil:
		return nil, &flaw{reason: ErrOptions, detail: b.o.Method + " takes its parameters by position, no cursor among them"}
	case b.positional() && (b.o.Descending || b.o.Paging != PagingAuto):
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " takes its order and its pages by position" + better(b.o.Method)}
	case b.positional():
		return b.once()
	case b.known && b.facts.Paging == StyleNone && b.o.Paging != PagingAuto && !b.o.V3 && b.from == nil && !b.named():
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " answers with all its rows, it has no pages"}
	case b.facts.Writes:
		return b.once()
	case b.facts.Paging == StyleNext:
		return b.follow()
	case b.from != nil && b.from.Way == cursorNext:
		return nil, &flaw{reason: ErrCursor, detail: "it is of another way to read"}
	case b.facts.Paging == StyleOwn:
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " has a paging of its own; call it page by page"}
	case b.from != nil && b.from.Way == cursorRows:
		return b.goOn()
	case b.facts.Paging == StyleTail:
		return b.tail()
	case b.from != nil:
		return b.keysetPlan()
	}
	switch b.o.Paging {
	case PagingOffset:
		return b.offsetPlan()
	case PagingKeyset, PagingChained:
		return b.forcedKeyset()
	default:
		return b.auto()
	}
}

// forcedKeyset reads by id because the caller wants it. A filter that is known to
// have no effect, or no meaning, could end in a list that is short and looks whole.
func (b *builder) forcedKeyset() (*plan, *flaw) {
	p, bad := b.keysetPlan()
	if bad == nil && b.known && !b.facts.Keyset && (!b.named() || b.facts.NoBounds) {
		bad = &flaw{reason: ErrUnsupported, detail: b.o.Method + " is not known to be readable by id; read it by offset, or name the id for filter and order"}
	}
	return p, bad
}

// counted is the total an earlier reading had, -1 without one.
func (b *builder) counted() int {
	if b.o.WantTotal && b.from != nil && b.from.Total > 0 {
		return b.from.Total
	}
	return -1
}

// goOn resumes a reading by offset, which may have been one answer with all rows.
func (b *builder) goOn() (*plan, *flaw) {
	if b.o.Paging == PagingAuto && b.facts.Paging == StyleNone && !b.o.V3 {
		return b.once()
	}
	return b.offsetPlan()
}

// auto takes the best way that is safe.
func (b *builder) auto() (*plan, *flaw) {
	switch {
	case b.known && b.facts.Keyset, !b.known && b.named():
		return b.autoKeyset()
	case b.known && b.facts.Paging == StyleNone:
		return b.once()
	case b.known, b.o.V3:
		return b.offsetPlan()
	default:
		return b.probe()
	}
}

// named reports whether the caller says what the id is called.
func (b *builder) named() bool { return b.o.IDKey != "" || b.o.CursorKey != "" }

// autoKeyset reads by id, unless the caller wants another order: only offset
// paging keeps it.
func (b *builder) autoKeyset() (*plan, *flaw) {
	b.assume()
	list := append(args{}, b.list...)
	_, _, by, bad := callerOrder(&list, &b.facts)
	switch {
	case bad != nil:
		return nil, bad
	case by == orderElse:
		b.why = "it is in another order than that of the ids"
		return b.offsetPlan()
	}
	p, bad := b.keysetPlan()
	if bad != nil && bad.reason == ErrUnsupported {
		b.why = bad.detail
		return b.offsetPlan()
	}
	return p, bad
}

// assume fills in what lists have in common where the method is not known.
func (b *builder) assume() {
	f := &b.facts
	if f.IDKey == "" {
		f.IDKey = "ID"
	}
	if f.CursorKey == "" {
		f.CursorKey = f.IDKey
	}
	for _, name := range []struct {
		to *string
		as string
	}{{&f.Filter, "filter"}, {&f.Order, "order"}, {&f.Select, "select"}} {
		if *name.to == "" {
			*name.to = name.as
		}
	}
}

func (b *builder) layout(numbers bool) layout {
	l := layout{
		container: b.facts.Container, loose: b.facts.AnyContainer, shape: b.facts.Shape,
		id: b.facts.IDKey, numbers: numbers,
	}
	if c := b.from; c != nil {
		l.container, l.loose, l.id, l.exact = c.Container, c.Loose, c.ID, c.Exact
	}
	return l
}

func (b *builder) quota() int {
	if b.o.Limit == 0 {
		return -1
	}
	return b.o.Limit
}

func (b *builder) most() int {
	switch {
	case b.o.Paging == PagingKeyset, b.o.Alone != "":
		return 1
	case b.o.MaxChain == 0:
		return mostPages
	default:
		return b.o.MaxChain
	}
}

func (b *builder) keysetPlan() (*plan, *flaw) {
	b.assume()
	if p := b.given(); p != nil {
		return p, nil
	}
	if strings.Contains(b.facts.Filter+b.facts.Order, ".") {
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " takes its filter inside of another parameter; it can be read by offset"}
	}
	k, bad := b.keyset()
	if bad != nil {
		return nil, bad
	}
	p := &plan{way: WayChained, reader: k}
	if k.pace.most == 1 {
		p.way = WayKeyset
	}
	return p, nil
}

// ordered reports whether the caller wants an order by name.
func (b *builder) ordered() bool {
	list := append(args{}, b.list...)
	_, _, by, bad := callerOrder(&list, &b.facts)
	return bad == nil && by != orderNone
}

// keyset makes the reader by id.
func (b *builder) keyset() (*keyset, *flaw) {
	form, all, bad := newKeyForm(b.o, &b.facts, b.list)
	if bad != nil {
		return nil, bad
	}
	single := 0
	if b.o.V3 {
		// A chain that runs past the end fails as a whole there (protocol.md 9.7): first see that the list is long.
		single = 4
	}
	k := &keyset{
		form: form, layout: b.layout(true), ref: b.ref, spans: []span{all},
		pace: newPace(b.most(), single), count: b.o.WantTotal && !b.o.V3 && b.counted() < 0 && !b.facts.Uncounted,
		empty: b.o.UntilEmpty || b.facts.Steps, hides: b.o.UntilEmpty, quota: b.quota(), bind: b.bind, left: -1,
	}
	if !b.o.V3 && b.known {
		k.size, k.sized, k.least = b.facts.PageSize, b.facts.PageSize > 0, b.facts.PageSize
		k.doubt = k.least > 0
		k.scout = k.pace.most > 1 && !k.count && !form.tail
	}
	k.unsure = !b.o.V3 && !b.known
	if c := b.from; c != nil {
		k.spans, k.done, k.size, k.sized = c.Spans, c.Done, c.Size, c.Sized
		k.count = k.count && len(k.spans) == 1 // else the rows of one are counted
	}
	k.top = all.hi
	if len(k.spans) > 0 {
		k.behind = k.spans[len(k.spans)-1].lo
	}
	ordered := form.desc || b.o.Limit > 0 || b.ordered()
	k.parallel = b.o.Concurrency > 1 && !ordered
	if b.o.Paging == PagingAuto && b.o.IDKey == "" && b.from == nil {
		k.instead = b.insteadOfKeyset
	}
	if b.facts.Forgets && b.o.Paging == PagingAuto && !form.desc && b.from == nil {
		k.counting = func() reader { return b.behind(k) }
	}
	return k, nil
}

// insteadOfKeyset is the reader for a list whose rows have no numbers for ids; nil: there is none.
func (b *builder) insteadOfKeyset() reader {
	s, bad := b.offset(b.facts.Paging)
	if bad != nil {
		return nil
	}
	s.why = "its rows have no numbers for ids"
	return s
}

// behind goes on behind k by counting rows, in the same order.
func (b *builder) behind(k *keyset) reader {
	s, bad := b.offset(b.facts.Paging)
	if bad != nil || b.facts.PageSize == 0 || k.done%b.facts.PageSize != 0 {
		return nil
	}
	s.start, s.done, s.quota = k.done, k.done, k.quota
	s.high = k.spans[0].lo - 1
	s.why = "the portal drops bounds of the id"
	return s
}

func (b *builder) tail() (*plan, *flaw) {
	if b.o.Paging == PagingOffset || b.o.Paging == PagingChained {
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " goes on by its own cursor only"}
	}
	k, bad := b.keyset()
	if bad != nil {
		return nil, bad
	}
	k.pace = newPace(1, 0)
	k.instead, k.parallel = nil, false
	return &plan{way: WayTail, reader: k}, nil
}

// offsetPlan reads by counting rows.
func (b *builder) offsetPlan() (*plan, *flaw) {
	if !b.known && b.named() {
		b.assume()
	}
	style := b.facts.Paging
	if !b.positional() {
		if _, bad := b.facts.check(b.list, b.o.V3, false); bad != nil {
			return nil, bad
		}
	}
	switch {
	case b.facts.NoStart:
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " can be read by id only: the place to begin at never reaches it"}
	case style == StyleNone && b.o.V3:
		style = StylePagination
	case style == StyleNone:
		style = StyleStart
	}
	s, bad := b.offset(style)
	if bad != nil {
		return nil, bad
	}
	return &plan{way: WayOffset, reader: s}, nil
}

// once reads a method that answers with all rows; should it name a next page, that is read too.
func (b *builder) once() (*plan, *flaw) {
	s, bad := b.offset(StyleNone)
	if bad != nil {
		return nil, bad
	}
	s.plain = true
	return &plan{way: WayOnce, reader: s}, nil
}

// rowLayout is for rows that need no numbers for ids. A field that tells rows
// apart only together with others is no help.
func (b *builder) rowLayout() layout {
	l := b.layout(false)
	stable := b.facts.Stable
	switch alone := len(stable) == 1 && stable[0] == l.id; {
	case b.o.IDKey != "" || alone:
	case len(stable) > 0:
		l.id, l.keys = "", stable
	case !strings.EqualFold(l.id, "id"):
		l.id = ""
	}
	return l
}

func (b *builder) offset(style Style) (*offset, *flaw) {
	s := &offset{
		layout: b.rowLayout(), pace: newPace(b.most(), 0), total: -1, quota: b.quota(), bind: b.bind,
		strict: b.o.IDKey != "", uncounted: b.facts.Uncounted, moreKey: b.facts.MoreKey, fixed: b.facts.Writes,
	}
	if b.positional() {
		s.fixed, s.better = true, better(b.o.Method)
		s.form = &rowForm{verbatim: b.o.Params}
		if len(s.form.verbatim) == 0 {
			s.form.verbatim = []byte("{}")
		}
	} else {
		var bad *flaw
		if s.form, bad = newRowForm(b.o, &b.facts, style, b.list); bad != nil {
			return nil, bad
		}
	}
	if style == StyleStart || style == StylePage {
		s.size, s.sized = b.facts.PageSize, b.facts.PageSize > 0
	}
	if s.loose = b.facts.Steps || b.o.UntilEmpty && style != StyleNone; s.loose {
		s.step = b.step(s.form)
	}
	b.resumeOffset(s)
	return s, nil
}

// step is the number of rows that a loose page stands for; 0: as many as it has.
func (b *builder) step(form *rowForm) int {
	switch {
	case form.style == StyleStart, form.style == StylePage:
		return b.facts.PageSize
	case b.facts.Steps:
		return form.rows()
	default:
		return 0 // the portal may take a smaller limit than it is asked for
	}
}

// resumeOffset goes on where the cursor says.
func (b *builder) resumeOffset(s *offset) {
	if c := b.from; c != nil {
		s.done, s.start, s.skip, s.mark, s.total = c.Done, c.Start, c.Skip, c.Mark, c.Total
		s.size, s.sized = c.Size, c.Sized
		if s.loose {
			s.replay = c.Done
		}
		if s.skip == 0 && s.start > 0 {
			s.marks = []uint64{s.mark} // this row must not come again
		}
	}
}
