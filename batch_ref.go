package b24

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/b24go/b24/internal/envelope"
)

// Ref represents a value of an earlier command's result; see [Pending.Ref] and [RefTo]. It is valid
// only in the parameters of the same batch.
type Ref struct {
	batch   string // its id, or that of references by name
	command int
	name    string // of the command, if named
	named   bool
	path    []any
	all     bool // the values of all rows
}

// refMark begins the text that represents a Ref in the encoded parameters. The batch's random id
// follows, so no text of a caller can match by chance.
const refMark = "b24ref~"

// refsByName returns the id of all references by name, in place of a batch's id.
//
//nolint:gochecknoglobals // one random text per process, never modified: a constant would allow a text of somebody else to be a reference
var refsByName = sync.OnceValue(rand.Text)

// RefTo returns a value for the parameters of a later command of the same batch: the value at path
// in the result of the command with that name, in [Commands] or [NamedCommands]. The name of an
// unnamed command is its position. path starts at the whole result, and is empty for a method that
// returns only an id. The rules of [Pending.Ref] apply. The error of an unknown name, and of a
// command that does not come before the one that refers to it, matches [ErrInvalidParams], and
// nothing is sent. NamedCommands run in the order of their names.
//
// Commands of a [Batch] have no names: use [Pending.Ref] there. Commands of [StreamBatch] and
// [Each] cannot refer to each other.
func RefTo(name string, path ...any) Ref {
	return Ref{batch: refsByName(), name: name, named: true, path: slices.Clone(path)}
}

// ParseRef returns the [RefTo] for a reference as the portal and other libraries write it:
// "$result[name][items][0][id]". A reference with any other text around it, to another section than
// result, or with white space is an error that matches [ErrInvalidParams]. Call it only for text of
// your own program: whoever writes the text chooses what is sent.
func ParseRef(text string) (Ref, error) {
	rest, ok := strings.CutPrefix(text, "$result[")
	if !ok {
		return Ref{}, badRef("it does not begin with $result[")
	}
	rest, ok = strings.CutSuffix(rest, "]")
	if !ok {
		return Ref{}, badRef("it does not end with ]")
	}
	steps := strings.Split(rest, "][")
	path := make([]any, len(steps))
	for i, step := range steps {
		switch {
		case step == "":
			return Ref{}, badRef("there is nothing between [ and ]")
		case strings.ContainsAny(step, "[]"):
			return Ref{}, badRef("between [ and ] is another bracket, or between ] and [ is a text")
		case !utf8.ValidString(step), strings.ContainsFunc(step, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
			return Ref{}, badRef("it contains white space, a control character or invalid UTF-8")
		}
		path[i] = step
	}
	return RefTo(steps[0], path[1:]...), nil
}

func badRef(problem string) error {
	return &ParamsError{Method: "batch", Param: "reference", Problem: problem + "; write $result[name][field]"}
}

// MarshalJSON returns a text that the client replaces when the batch is sent.
func (r Ref) MarshalJSON() ([]byte, error) {
	if r.batch == "" {
		return nil, errors.New("the reference belongs to no batch")
	}
	to := strconv.Itoa(r.command)
	if r.named {
		if r.name == "" {
			return nil, errors.New("the reference names no command")
		}
		to = named + hex.EncodeToString([]byte(r.name))
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
	mark := fmt.Sprintf("%s%s~%s~%x", refMark, r.batch, to, path.String())
	if r.all {
		mark += "~all"
	}
	return json.Marshal(mark)
}

// named begins the name of a command in the text that represents a Ref, in place of its position.
const named = "@"

// reference is a Ref found in parameters.
type reference struct {
	mark string // the text that represents it
	to   int    // position of the command it refers to
	name string // of that command, if the position is not known yet
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
	_, noPath := hex.DecodeString(parts[2])
	if name, ok := strings.CutPrefix(parts[1], named); ok {
		_, noName := hex.DecodeString(name)
		return parts[0] == refsByName() && noName == nil && noPath == nil
	}
	_, noNumber := strconv.Atoi(parts[1])
	return noNumber == nil && noPath == nil
}

// parseRef parses the text that represents a Ref of the batch.
func parseRef(mark, batch string) (reference, error) {
	one, all := strings.CutSuffix(mark, "~all")
	parts := strings.Split(strings.TrimPrefix(one, refMark), "~")
	foreign := errors.New("it refers to a command of another batch")
	if len(parts) != 3 {
		return reference{}, foreign
	}
	path, err := hex.DecodeString(parts[2])
	if err != nil {
		return reference{}, foreign
	}
	steps := strings.Split(string(path), "\x00")
	r := reference{mark: mark, path: steps[:len(steps)-1], all: all}
	if label, ok := strings.CutPrefix(parts[1], named); ok && parts[0] == refsByName() {
		name, err := hex.DecodeString(label)
		if err != nil || len(name) == 0 {
			return reference{}, foreign
		}
		r.name = string(name)
		return r, nil
	}
	if r.to, err = strconv.Atoi(parts[1]); err != nil || parts[0] != batch {
		return reference{}, foreign
	}
	return r, nil
}

// refScope is where the references of a batch lead.
type refScope struct {
	batch  string // id of the Batch; empty: there is none
	list   []Command
	stream bool

	byName map[string]int
}

// resolve finds the commands that references name.
func (s *refScope) resolve(refs []reference) error {
	for i := range refs {
		ref, known := &refs[i], false
		switch {
		case ref.name == "":
			continue
		case s.batch != "":
			return errors.New("a reference names the command " + strconv.Quote(ref.name) + "; commands of a Batch have no names, use Pending.Ref")
		case s.stream:
			return errors.New("a reference names the command " + strconv.Quote(ref.name) + "; commands of a stream cannot refer to each other")
		}
		if ref.to, known = s.names()[ref.name]; !known {
			return errors.New("a reference names the command " + strconv.Quote(ref.name) + ", which is not in the batch")
		}
	}
	return nil
}

// names returns the positions of all commands by name. That of an unnamed command is its position.
func (s *refScope) names() map[string]int {
	if s.byName != nil {
		return s.byName
	}
	s.byName = make(map[string]int, len(s.list))
	for i, command := range s.list {
		name := cmp.Or(command.Name, strconv.Itoa(i))
		if _, twice := s.byName[name]; !twice { // label reports it
			s.byName[name] = i
		}
	}
	return s.byName
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
