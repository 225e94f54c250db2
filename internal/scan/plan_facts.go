package scan

import (
	"cmp"
	"strings"
)

// overrule replaces facts from the table with what the caller specifies.
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

// overrule makes the method one that pages by the caller's cursor.
func (f *Facts) overrule(next *Next) {
	if f.Paging != StyleNext {
		f.MaxPageSize = 0 // belongs to a limit in another place
	}
	f.Paging, f.NextKey, f.MoreKey = StyleNext, next.Key, cmp.Or(f.MoreKey, "hasMore")
	in, name, dotted := strings.Cut(next.Param, ".")
	if !dotted {
		in, name = "", in
	}
	f.NextIn, f.NextParam, f.NextFirst, f.NextBack = in, name, "", ""
}

// named reports whether the caller names the id.
func (b *builder) named() bool { return b.o.IDKey != "" || b.o.CursorKey != "" }

// assume fills in what lists have in common if the method is not known.
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

// positional reports whether the method takes its arguments by position: an added parameter would
// be taken for one of them (docs/protocol.md 2.3).
func (b *builder) positional() bool {
	return !b.o.V3 && strings.HasPrefix(strings.ToLower(b.o.Method), "task.")
}

// better names what returns all rows, for a positional method that returns a part.
func better(method string) string {
	switch strings.ToLower(method) {
	case "task.item.list", "task.items.getlist":
		return "; call tasks.task.list"
	case "task.elapseditem.getlist":
		return "; leave NAV_PARAMS out, then List reads all records, of one task or of all"
	default:
		return ""
	}
}

// ownPaging tells how to call a method whose paging this package does not follow
// (docs/protocol.md 15).
func ownPaging(method string) string {
	const byDate = " orders by date and goes on by id, so a row could be passed over; if dates and ids rise together, " +
		`say so with NextParam "LAST_ID" and NextField "[last].id"`
	switch strings.ToLower(method) {
	case "event.offline.get":
		return " takes the events off the queue; call event.offline.list to read them, or call it until it has none"
	case "im.v2.event.get", "imbot.v2.event.get":
		return " deletes the events below its offset; call it with the nextOffset of the answer before, once those events are handled"
	case "im.dialog.messages.search":
		return byDate + ", or read the whole chat with im.dialog.messages.get"
	case "im.notify.history.search":
		return byDate
	case "im.notify.get":
		return " goes on by two parameters; call it with the id of the last notification as LAST_ID, and as LAST_TYPE 1 if its notify_type is 1, else 3"
	case "log.blogpost.get":
		return " orders by the last change, so posts move while they are read; call it with start 0, 50, 100, and drop posts that come again"
	default:
		return " has a paging of its own; call it page by page"
	}
}

// idle refuses options that have no effect on the method: a cursor key if nothing is filtered or
// ordered by the id, and short pages if their length proves nothing.
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
