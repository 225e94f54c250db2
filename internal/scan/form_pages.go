package scan

import (
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// elapsedSize is the page size of task.elapseditem.getlist.
const elapsedSize = 50

// elapsedPages returns the first four arguments of task.elapseditem.getlist, if the call is for the
// records of all tasks: these come in pages, whose number is in the fifth. Otherwise it returns nil:
// the records of one task come in one answer, and a caller's NAV_PARAMS are the caller's.
func elapsedPages(method string, params []byte) []byte {
	const task, order, params4, places = 0, 1, 4, 4
	if !strings.EqualFold(method, "task.elapseditem.getlist") {
		return nil
	}
	list := positions(params)
	if len(list) > 0 && strings.IndexByte("[{", list[task][0]) >= 0 {
		list = append([][]byte{[]byte("0")}, list...) // as the server does
	}
	if len(list) > places+1 || len(list) > params4 && !nothing(list[params4]) || len(list) > task && plain(list[task]) != "0" {
		return nil
	}
	out := []byte("[0,")
	for i := order; i < places; i++ {
		value := []byte("[]")
		if i < len(list) {
			value = list[i]
		}
		if i == order {
			if value = byElapsedID(value); value == nil {
				return nil
			}
		}
		out = append(append(out, value...), ',')
	}
	return out
}

// byElapsedID appends the id to an order, so that it is the same from page to page.
func byElapsedID(order []byte) []byte {
	switch {
	case nothing(order):
		return []byte(`{"ID":"asc"}`)
	case order[0] != '{':
		return nil
	}
	named := false
	jsonwalk.Members(order, func(quoted, _ []byte) bool {
		named = named || strings.EqualFold(unquote(quoted), "ID")
		return true
	})
	if named {
		return order
	}
	return append(append([]byte{}, order[:len(order)-1]...), `,"ID":"asc"}`...)
}

// positions returns the arguments of a positional method in their order.
func positions(params []byte) (list [][]byte) {
	text, bad := compact(params)
	add := func(value []byte) bool {
		list = append(list, value)
		return true
	}
	switch {
	case bad != nil || len(text) == 0:
	case text[0] == '[':
		jsonwalk.Elements(text, add)
	case text[0] == '{':
		jsonwalk.Members(text, func(_, value []byte) bool { return add(value) })
	}
	return list
}

// appendElapsedPage writes the page that begins at row start.
func appendElapsedPage(places []byte, start int) []byte {
	out := append(append(make([]byte, 0, len(places)+64), places...), `{"NAV_PARAMS":{"nPageSize":`...)
	out = append(strconv.AppendInt(out, elapsedSize, 10), `,"iNumPage":`...)
	return append(strconv.AppendInt(out, int64(start/elapsedSize+1), 10), `}}]`...)
}
