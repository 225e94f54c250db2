package b24

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/envelope"
)

// Ref represents a value of an earlier command's result; see [Pending.Ref]. It is valid only in the
// parameters of the same batch.
type Ref struct {
	batch   string
	command int
	path    []any
	all     bool // the values of all rows
}

// refMark begins the text that represents a Ref in the encoded parameters. The batch's random id
// follows, so no text of a caller can match by chance.
const refMark = "b24ref~"

// MarshalJSON returns a text that the client replaces when the batch is sent.
func (r Ref) MarshalJSON() ([]byte, error) {
	if r.batch == "" {
		return nil, errors.New("the reference belongs to no batch")
	}
	var path strings.Builder
	for _, step := range r.path {
		switch step := step.(type) {
		case string:
			path.WriteString(step)
		case int:
			if step < 0 {
				return nil, fmt.Errorf("a reference's position %d is negative", step)
			}
			path.WriteString(strconv.Itoa(step))
		default:
			return nil, fmt.Errorf("a step of a reference is a %T, not a string or int", step)
		}
		path.WriteByte(0)
	}
	mark := fmt.Sprintf("%s%s~%d~%x", refMark, r.batch, r.command, path.String())
	if r.all {
		mark += "~all"
	}
	return json.Marshal(mark)
}

// reference is a Ref found in parameters.
type reference struct {
	mark string // the text that represents it
	to   int    // position of the command it refers to
	path []string
	all  bool
	list bool // a list is allowed in its place
}

// hasRef reports whether params contain a reference.
func hasRef(params []byte) bool {
	_, _, found := cutRef(params)
	return found
}

// cutRef finds the next text that represents a Ref. A text of the caller that merely begins with
// refMark is skipped.
func cutRef(params []byte) (mark string, rest []byte, found bool) {
	for {
		_, after, begins := bytes.Cut(params, []byte(`"`+refMark))
		text, rest, ends := bytes.Cut(after, []byte(`"`))
		if !begins || !ends {
			return "", nil, false
		}
		if isMark(string(text)) {
			return refMark + string(text), rest, true
		}
		params = after
	}
}

// isMark reports whether text, found behind refMark, is what MarshalJSON writes.
func isMark(text string) bool {
	const id = 26 // length of rand.Text
	parts := strings.Split(strings.TrimSuffix(text, "~all"), "~")
	if len(parts) != 3 || len(parts[0]) != id {
		return false
	}
	_, noNumber := strconv.Atoi(parts[1])
	_, noPath := hex.DecodeString(parts[2])
	return noNumber == nil && noPath == nil
}

// parseRef parses the text that represents a Ref of the batch.
func parseRef(mark, batch string) (reference, error) {
	one, all := strings.CutSuffix(mark, "~all")
	parts := strings.Split(strings.TrimPrefix(one, refMark), "~")
	if len(parts) != 3 || parts[0] != batch {
		return reference{}, errors.New("it refers to a command of another batch")
	}
	to, err := strconv.Atoi(parts[1])
	if err != nil {
		return reference{}, errors.New("it refers to a command of another batch")
	}
	path, err := hex.DecodeString(parts[2])
	if err != nil {
		return reference{}, errors.New("it refers to a command of another batch")
	}
	steps := strings.Split(string(path), "\x00")
	return reference{mark: mark, to: to, path: steps[:len(steps)-1], all: all}, nil
}

// text returns the text that the portal replaces by the value.
func (r reference) text(label string) string {
	return "$result[" + strings.Join(append([]string{label}, r.path...), "][") + "]"
}

// takesList reports whether a list is allowed at a position of the encoded parameters: under a name
// like "@ID", or behind the "in" of REST 3.0.
func takesList(params []byte, at int) bool {
	before := params[:at]
	if bytes.HasSuffix(before, []byte(`,"in",`)) {
		return true
	}
	name, named := bytes.CutSuffix(before, []byte(`":`))
	if !named {
		return false
	}
	name = name[bytes.LastIndexByte(name, '"')+1:]
	return bytes.HasPrefix(bytes.TrimPrefix(name, []byte("!")), []byte("@"))
}

// value returns the value of the reference in the answer of its command. The portal treats null as
// missing (docs/protocol.md 4.6), and would insert an object or a list for a single value.
func (r reference) value(of *answer) ([]byte, error) {
	raw, err := r.found(of)
	if err == nil {
		err = r.fits(raw)
	}
	if err != nil {
		place := of.place(append([]string{"result"}, r.path...))
		err = of.secrets().Error(err)
		return nil, detailed(ErrReference, ": "+place+" of "+of.query.method+": "+err.Error(), err)
	}
	return raw, nil
}

func (r reference) fits(raw []byte) error {
	switch {
	case string(raw) == "null":
		return errors.New("it is null")
	case len(raw) > 0 && raw[0] == '{':
		return errors.New("it is an object, name a member of it")
	case len(raw) > 0 && raw[0] == '[' && !r.all && !r.list:
		return errors.New("it is a list, name an element of it")
	default:
		return nil
	}
}

func (r reference) found(of *answer) ([]byte, error) {
	if !r.all {
		return of.part(r.path)
	}
	last := len(r.path) - 1
	rows, err := of.part(r.path[:last])
	if err != nil {
		return nil, err
	}
	list, err := envelope.Column(rows, r.path[last])
	if err == nil && string(list) == "[]" {
		err = errors.New("it is an empty list")
	}
	return list, err
}
