package scan

import (
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// ordering is the caller's own order.
type ordering uint8

const (
	orderNone ordering = iota
	orderAsc           // by the id alone, ascending
	orderDesc          // by the id alone, descending
	orderElse          // by anything else
)

// callerOrder removes the caller's order from the parameters and classifies it.
func callerOrder(a *args, f *Facts) (order, sort arg, by ordering, bad *flaw) {
	if f.Order == "" || strings.Contains(f.Order, ".") {
		return arg{}, arg{}, orderNone, nil
	}
	if order, bad = a.take(f.Order); bad != nil {
		return order, sort, orderNone, bad
	}
	if f.Sort == "" {
		return order, sort, orderedBy(order.value, f.CursorKey), nil
	}
	if sort, bad = a.take(f.Sort); bad != nil {
		return order, sort, orderNone, bad
	}
	return order, sort, sortedBy(sort.value, order.value, f.CursorKey), nil
}

// orderedBy classifies an order such as {"ID":"ASC"}.
func orderedBy(value []byte, key string) ordering {
	if nothing(value) {
		return orderNone
	}
	n, by := 0, orderElse
	whole := jsonwalk.Members(value, func(name, dir []byte) bool {
		n++
		if strings.EqualFold(unquote(name), key) {
			by = direction(dir)
		}
		return true
	})
	if !whole || n != 1 {
		return orderElse
	}
	return by
}

// sortedBy classifies an order given as two scalar parameters: field and direction.
func sortedBy(sort, dir []byte, key string) ordering {
	switch {
	case nothing(sort) && nothing(dir):
		return orderNone
	case !strings.EqualFold(plain(sort), key):
		return orderElse
	case nothing(dir):
		return orderAsc
	default:
		return direction(dir)
	}
}

func direction(dir []byte) ordering {
	switch strings.ToUpper(plain(dir)) {
	case "ASC":
		return orderAsc
	case "DESC":
		return orderDesc
	default:
		return orderElse
	}
}

// directions returns the JSON of the direction to read in and of its opposite.
func (f *Facts) directions(desc bool) (there, back []byte) {
	dir := map[bool][]byte{false: []byte(`"ASC"`), true: []byte(`"DESC"`)}
	if f.LowerCase {
		dir = map[bool][]byte{false: []byte(`"asc"`), true: []byte(`"desc"`)}
	}
	return dir[desc], dir[!desc]
}

// orderArgs writes the order by keys in the form the method expects, each member followed by a
// comma.
func orderArgs(f *Facts, order, sort arg, keys []string, dir []byte) []byte {
	if f.Sort != "" {
		return appendMember(appendMember(nil, sort.quoted, quote(keys[0])), order.quoted, dir)
	}
	object := []byte{'{'}
	for _, key := range keys {
		object = appendMember(object, quote(key), dir)
	}
	return appendMember(nil, order.quoted, shut(object, '}'))
}

// stableKeys returns the fields that give the rows a total order, or nil if none are known.
func stableKeys(o *Options, f *Facts) []string {
	switch {
	case f.Order == "" || strings.Contains(f.Order, "."):
		return nil
	case f.Stable != nil:
		return f.Stable
	case o.CursorKey != "" || f.Keyset || strings.EqualFold(f.IDKey, "id"):
		return []string{f.CursorKey}
	default:
		return nil
	}
}

// endsOrder reports whether an order names a field that the portal moves after all others.
func (f *Facts) endsOrder(order []byte) bool {
	ends := false
	jsonwalk.Members(order, func(quoted, _ []byte) bool {
		ends = ends || containsFold(f.LastInOrder, unquote(quoted))
		return true
	})
	return ends
}

func callersOrder(order, sort arg) []byte {
	var members []byte
	for _, m := range []arg{sort, order} {
		if m.value != nil {
			members = appendMember(members, m.quoted, m.value)
		}
	}
	return members
}

// tieBreak orders rows that the caller's order leaves equal by the stable keys.
func tieBreak(order []byte, keys []string, dir []byte) []byte {
	out := append([]byte{}, order[:len(order)-1]...)
	out = append(out, ',')
	for _, key := range keys {
		named := false
		jsonwalk.Members(order, func(quoted, _ []byte) bool {
			named = named || strings.EqualFold(unquote(quoted), key)
			return true
		})
		if !named {
			out = appendMember(out, quote(key), dir)
		}
	}
	return shut(out, '}')
}
