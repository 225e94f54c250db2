package scan

// followForm writes the calls of a reading by the method's own cursor.
type followForm struct {
	head   []byte // members that never change
	in     []byte // quoted name of the parameter that holds the cursor; nil if the cursor is a parameter itself
	beside []byte // the other members of that parameter
	name   []byte // quoted name of the cursor; nil if the method has none
}

// newFollowForm splits the caller's parameters. A cursor among them is the place to start.
func newFollowForm(f *Facts, list args) (*followForm, []byte, *flaw) {
	form := &followForm{}
	inner := list
	if f.NextIn != "" {
		in, bad := list.take(f.NextIn)
		if bad != nil {
			return nil, nil, bad
		}
		if inner = nil; !nothing(in.value) {
			inner, bad = parseArgs(in.value)
		}
		if bad != nil {
			return nil, nil, &flaw{reason: ErrParams, detail: in.name + " is " + kindOf(in.value) + ", an object was expected"}
		}
		form.head, form.in = list.members(), in.quoted
	}
	if f.NextBack != "" && inner.has(f.NextBack) {
		return nil, nil, &flaw{reason: ErrParams, detail: f.NextBack + " belongs to the other direction; leave it out, and end the loop at the row it names"}
	}
	if bad := pageLimit(&inner, f); bad != nil {
		return nil, nil, bad
	}
	place := arg{}
	if f.NextParam != "" {
		var bad *flaw
		if place, bad = inner.take(f.NextParam); bad != nil {
			return nil, nil, bad
		}
		form.name = place.quoted
	}
	form.beside = inner.members()
	if nothing(place.value) && f.NextFirst == "" {
		return form, nil, nil
	}
	if nothing(place.value) {
		return form, []byte(f.NextFirst), nil
	}
	return form, place.value, nil
}

// call writes the parameters of the page at a place; nil means the first page.
func (form *followForm) call(place []byte) []byte {
	out := append(make([]byte, 0, len(form.head)+len(form.beside)+len(place)+64), '{')
	out = append(out, form.head...)
	if form.in == nil {
		return shut(form.appendPlace(out, place), '}')
	}
	if place != nil || len(form.beside) > 0 {
		object := form.appendPlace([]byte{'{'}, place)
		out = appendMember(out, form.in, shut(object, '}'))
	}
	return shut(out, '}')
}

func (form *followForm) appendPlace(dst, place []byte) []byte {
	dst = append(dst, form.beside...)
	if place == nil {
		return dst
	}
	return appendMember(dst, form.name, place)
}
