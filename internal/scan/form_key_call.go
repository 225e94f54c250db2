package scan

import "strconv"

// call writes the parameters of one page of s. A ref replaces the last id before the page while
// that id is not known yet. The start is 0 to have the rows counted, otherwise -1.
func (form *keyForm) call(s span, ref []byte, start int) []byte {
	out := append(make([]byte, 0, len(form.head)+len(form.rest)+len(form.sel.value)+192), '{')
	out = append(out, form.head...)
	if form.sel.value != nil {
		out = appendMember(out, form.sel.quoted, form.sel.value)
	}
	above, below := form.bounds(s, ref)
	if form.tail {
		return shut(form.appendCursor(out, above, below), '}')
	}
	out = form.appendFilter(out, above, below)
	out = append(out, form.order...)
	return shut(form.appendPaging(out, start), '}')
}

// bounds returns the strict bounds of a page; nil means unbounded.
func (form *keyForm) bounds(s span, ref []byte) (above, below []byte) {
	if s.hi != open {
		below = appendID(nil, s.hi+1)
	}
	if s.lo > 0 {
		above = appendID(nil, s.lo-1)
	}
	switch {
	case ref == nil:
	case form.desc:
		below = ref
	default:
		above = ref
	}
	return above, below
}

func (form *keyForm) appendFilter(out, above, below []byte) []byte {
	if form.rest == nil && above == nil && below == nil {
		return out
	}
	out = append(append(out, form.filter.quoted...), ':')
	if form.v3 {
		out = append(append(out, '['), form.rest...)
		out = appendNode(out, form.key, ">", above)
		out = appendNode(out, form.key, "<", below)
		return append(shut(out, ']'), ',')
	}
	out = append(out, '{')
	if form.group != nil {
		out = append(append(out, form.group...), ':', '{')
	}
	if out = append(out, form.rest...); form.group != nil {
		out = append(shut(out, '}'), ',')
	}
	if above != nil {
		out = appendMember(out, quote(">"+form.key), above)
	}
	if below != nil {
		out = appendMember(out, quote("<"+form.key), below)
	}
	return append(shut(out, '}'), ',')
}

// named writes the call for some of the ids that the caller listed.
func (form *keyForm) named(ids []byte, start int) []byte {
	only := *form
	only.limit = []byte(itoa(givenSize))
	out := append(make([]byte, 0, len(form.head)+len(form.others)+len(form.sel.value)+len(ids)+192), '{')
	out = append(out, form.head...)
	if form.sel.value != nil {
		out = appendMember(out, form.sel.quoted, form.sel.value)
	}
	open, closing := byte('{'), byte('}')
	if form.v3 {
		open, closing = '[', ']'
	}
	out = append(append(append(out, form.filter.quoted...), ':', open), form.others...)
	out = append(append(out, form.naming...), ids...)
	if form.v3 {
		out = append(out, ']')
	}
	out = append(append(out, closing), ',')
	out = append(out, form.order...)
	return shut(only.appendPaging(out, start), '}')
}

func (form *keyForm) appendPaging(out []byte, start int) []byte {
	switch {
	case !form.v3:
		return appendMember(out, []byte(`"start"`), strconv.AppendInt(nil, int64(start), 10))
	case form.limit != nil:
		return append(append(append(out, `"pagination":{"limit":`...), form.limit...), `},`...)
	default:
		return out
	}
}

func (form *keyForm) appendCursor(out, above, below []byte) []byte {
	if form.rest != nil {
		out = append(append(append(out, form.filter.quoted...), `:[`...), form.rest...)
		out = append(shut(out, ']'), ',')
	}
	value, dir := above, `"ASC"`
	if form.desc {
		value, dir = below, `"DESC"`
	}
	if value == nil {
		value = []byte{'0'} // the portal requires one (docs/protocol.md 9.5)
	}
	out = append(out, `"cursor":{`...)
	out = appendMember(out, []byte(`"field"`), quote(form.key))
	out = appendMember(out, []byte(`"value"`), value)
	out = appendMember(out, []byte(`"order"`), []byte(dir))
	if form.limit != nil {
		out = appendMember(out, []byte(`"limit"`), form.limit)
	}
	return append(shut(out, '}'), ',')
}

// farthest writes the call whose page begins with the last id of a span.
func (form *keyForm) farthest(s span) []byte {
	turned := *form
	turned.order = form.back
	if form.sel.quoted != nil && !form.full {
		turned.sel.value = append(append([]byte{'['}, quote(form.selKey)...), ']')
	}
	return turned.call(s, nil, -1)
}
