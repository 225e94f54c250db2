package scan

import (
	"cmp"
	"strings"
)

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

// named reports whether the caller says what the id is called.
func (b *builder) named() bool { return b.o.IDKey != "" || b.o.CursorKey != "" }

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

// positional reports whether the method takes its arguments by position: one
// more would be taken for another (docs/protocol.md 2.3).
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

// idle refuses what the caller says of a method to which it means nothing: which field filters and
// orders by the id if there is neither, and that short pages are not the last if nothing hangs on them.
func (b *builder) idle() *flaw {
	said := ""
	switch {
	case b.o.CursorKey != "":
		said = "CursorKey"
	case b.o.UntilEmpty:
		said = "ShortPages"
	default:
		return nil
	}
	why := ""
	switch {
	case b.positional():
		why = "takes its parameters by position"
	case b.facts.Paging == StyleNext:
		why = "goes on by a cursor of its own"
	case b.facts.Writes, b.known && b.facts.Paging == StyleNone && b.paging == PagingAuto:
		why = "answers with all its rows"
	default:
		return nil
	}
	return &flaw{reason: ErrUnsupported, detail: said + " means nothing to " + b.o.Method + ", which " + why}
}
