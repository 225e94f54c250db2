package scan

import (
	"cmp"
	"strings"
)

// plan is the decision made before the first request.
type plan struct {
	reader reader
	total  int    // rows expected, as an earlier reading counted them; -1 if unknown
	why    string // why the way is slower than the method allows; empty if it is not
}

// refFunc is Source.Ref.
type refFunc func(call int, path ...any) []byte

// newPlan decides how to read. It is a pure function of the options and the method table.
func newPlan(o *Options, ref refFunc) (*plan, *Error) {
	b, bad := newBuilder(o, ref)
	if bad == nil {
		var rd reader
		if rd, bad = b.plan(); bad == nil {
			return &plan{reader: rd, total: b.counted(), why: b.why}, nil
		}
	}
	return nil, &Error{Reason: bad.reason, Detail: bad.text()}
}

// builder builds the readers of one reading.
type builder struct {
	o      *Options
	paging Paging // as the caller requested it
	ref    refFunc
	facts  Facts
	known  bool
	list   args
	bind   uint64
	from   *cursor // nil: from the beginning
	joins  bool    // the caller's parameters join another table, see Facts.Joined
	empty  bool    // the caller asks for an empty list of ids
	why    string  // why the list is not read in the fastest way
}

func newBuilder(o *Options, ref refFunc) (*builder, *flaw) {
	if bad := checkOptions(o); bad != nil {
		return nil, bad
	}
	b := &builder{o: o, paging: cmp.Or(o.Paging, PagingAuto), ref: ref}
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

// look checks the caller's parameters and adapts the facts to them.
func (b *builder) look() *flaw {
	if b.why = b.o.Alone; b.positional() {
		return nil
	}
	if b.facts.Joins == JoinsAll && strings.HasPrefix(strings.ToLower(b.o.Method), "crm.") {
		for _, m := range b.list {
			if alias := strings.ToLower(m.name); alias == "arfilter" || alias == "arorder" || alias == "arselect" {
				return &flaw{reason: ErrParams, detail: m.name + " is a second name of " + alias[2:] + ", which the portal ignores if both are there; write " + alias[2:]}
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

// plan chooses the first way to read that fits.
func (b *builder) plan() (reader, *flaw) {
	if bad := b.idle(); bad != nil {
		return nil, bad
	}
	switch {
	case b.empty:
		return none{}, nil
	case b.positional() && b.o.Next != nil:
		return nil, &flaw{reason: ErrOptions, detail: b.o.Method + " takes its parameters by position, no cursor among them"}
	case b.positional() && (b.o.Descending || b.paging != PagingAuto):
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " takes its order and its pages by position" + better(b.o.Method)}
	case b.positional():
		return b.once()
	case b.known && b.facts.Paging == StyleNone && b.paging != PagingAuto && !b.o.V3 && b.from == nil && !b.named():
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + " answers with all its rows, it has no pages"}
	case b.facts.Writes:
		return b.once()
	case b.facts.Paging == StyleNext:
		return b.follow()
	case b.from != nil && b.from.Way == cursorNext:
		return nil, &flaw{reason: ErrCursor, detail: "it is of another way to read"}
	case b.facts.Paging == StyleOwn:
		return nil, &flaw{reason: ErrUnsupported, detail: b.o.Method + ownPaging(b.o.Method)}
	case b.from != nil && b.from.Way == cursorRows:
		return b.goOn()
	case b.facts.Paging == StyleTail:
		return b.tail()
	case b.from != nil:
		return b.keysetPlan()
	}
	switch b.paging {
	case PagingOffset:
		return b.offsetPlan()
	case PagingKeyset, PagingChained:
		return b.forcedKeyset()
	default:
		return b.auto()
	}
}

// auto chooses the fastest safe way.
func (b *builder) auto() (reader, *flaw) {
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
