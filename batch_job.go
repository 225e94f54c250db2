package b24

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxCommands is the largest number of commands that a portal accepts in one batch
// (docs/protocol.md 4.3).
const maxCommands = 50

// job is one command in progress: checked and encoded once.
type job struct {
	index  int
	name   string // the caller's name; empty: none
	label  string // key in the request; empty: its position
	method string
	params []byte
	refs   []reference
	reads  bool
	proves bool // the answer itself shows what the references led to
	bytes  int  // approximate size of the answer; 0: unknown

	command string // "method?query"
	alone   error  // why a batch cannot carry it; nil: it can
	limited error  // refusal because of a limit at its last attempt; nil: none
	maybe   bool   // an earlier attempt may have executed it

	answer *answer // its outcome; nil: not finished
}

// jobs checks and encodes all commands of a batch. It returns an error if a command cannot be sent;
// with the option lenient, that command fails instead.
func (c *client) jobs(d dialect, list []Command, batch string, o callOptions) ([]*job, error) {
	if len(list) == 0 {
		return nil, ErrEmptyBatch
	}
	all, in := make([]*job, len(list)), &refScope{batch: batch, list: list, stream: o.lenient}
	for i, command := range list {
		j := &job{index: i, method: command.Method, name: command.Name}
		if !o.lenient && c.secrets.InName(j.name) { // a stream does not send names
			return nil, &ParamsError{Method: "batch", Param: "the name of command " + strconv.Itoa(i), Problem: wouldShow}
		}
		if err := c.encode(d, j, command.Params, in); err != nil {
			if !o.lenient {
				return nil, inCommand(j, err)
			}
			j.answer = c.failed(j, err)
		}
		all[i] = j
	}
	if !o.lenient { // commands of a stream cannot be referred to
		if err := label(all); err != nil {
			return nil, err
		}
	}
	for _, j := range all {
		if j.answer != nil {
			continue
		}
		err := d.write(c, j, all)
		switch {
		case err == nil:
		case o.lenient:
			j.answer = c.failed(j, err)
		default:
			return nil, inCommand(j, err)
		}
	}
	return all, nil
}

// inCommand adds to an error which command it is about.
func inCommand(j *job, err error) error {
	pe, ok := errors.AsType[*ParamsError](err)
	if !ok {
		return err
	}
	which := "command " + strconv.Itoa(j.index)
	if j.name != "" {
		which = "command " + strconv.Quote(j.name)
	}
	named := *pe
	named.Param = which
	if pe.Param != "" {
		named.Param += ", " + pe.Param
	}
	return &named
}

func (c *client) encode(d dialect, j *job, v any, in *refScope) error {
	if err := c.checkMethod(j.method); err != nil {
		j.method = c.secrets.Text(j.method)
		return err
	}
	switch strings.ToLower(j.method) {
	case "batch", "upload", "download":
		return &ParamsError{Method: j.method, Problem: "the portal does not run it inside a batch"}
	}
	body, err := d.encode(j.method, v)
	if err != nil {
		return c.badParams(j.method, err)
	}
	if err := c.unheeded(d, j.method, body); err != nil {
		return err
	}
	j.params, j.reads = body, d.reads(j.method)
	j.refs, err = findRefs(body, in.batch)
	if err == nil {
		err = in.resolve(j.refs)
	}
	if err == nil {
		err = j.checkEarlier(d)
	}
	if err != nil {
		return c.paramsError(j.method, "", err.Error(), nil)
	}
	return nil
}

// checkEarlier checks that all references lead to earlier commands, in the form of the API version.
func (j *job) checkEarlier(d dialect) error {
	for i := range j.refs {
		ref := &j.refs[i]
		switch {
		case ref.to < j.index:
		case ref.name != "":
			return errors.New("a reference names the command " + strconv.Quote(ref.name) + ", which is not before this one; NamedCommands run in the order of their names")
		default:
			return errors.New("a reference names a command that is not before this one")
		}
		if err := d.checkRef(ref); err != nil {
			return err
		}
	}
	return nil
}

// findRefs returns the references in encoded parameters.
func findRefs(body []byte, batch string) ([]reference, error) {
	if !bytes.Contains(body, []byte(refMark)) {
		return nil, nil
	}
	var refs []reference
	for rest := body; ; {
		mark, tail, found := cutRef(rest)
		if !found {
			break
		}
		ref, err := parseRef(mark, batch)
		if err != nil {
			return nil, err
		}
		ref.list = takesList(body, len(body)-len(tail)-len(mark)-len(`""`))
		refs, rest = append(refs, ref), tail
	}
	marks := bytes.Count(body, []byte(refMark+refsByName()))
	if batch != "" {
		marks += bytes.Count(body, []byte(refMark+batch))
	}
	if marks > len(refs) {
		return nil, errors.New("a reference is part of a text; the portal fills in whole values only")
	}
	return refs, nil
}

// label gives each command its key in the request. If no command has a name or a reference,
// positions are enough, and the labels stay empty.
func label(all []*job) error {
	plain := !slices.ContainsFunc(all, func(j *job) bool { return j.name != "" || len(j.refs) > 0 })
	if plain {
		return nil
	}
	seen := make(map[string]bool, len(all))
	for _, j := range all {
		if err := checkName(j.name, seen); err != nil {
			return err
		}
		j.label, seen[j.name] = j.name, true
	}
	referred := make(map[int]bool)
	for _, j := range all {
		for _, ref := range j.refs {
			referred[ref.to] = true
		}
	}
	for _, j := range all {
		if j.name != "" && (!referred[j.index] || simple(j.name)) {
			continue
		}
		if position := strconv.Itoa(j.index); j.name == "" && seen[position] {
			return &ParamsError{Method: "batch", Problem: "the name " + strconv.Quote(position) + " is the position of another command, which has no name"}
		}
		for j.label = "c" + strconv.Itoa(j.index); seen[j.label]; {
			j.label += "_"
		}
	}
	return nil
}

// simple reports whether a reference in either version of the API can name a command that way.
func simple(name string) bool {
	for i, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}

func checkName(name string, seen map[string]bool) error {
	switch {
	case name == "":
		return nil
	case !utf8.ValidString(name):
		return &ParamsError{Method: "batch", Problem: "the name " + strconv.Quote(name) + " is not valid UTF-8"}
	case seen[name]:
		return &ParamsError{Method: "batch", Problem: "two commands have the name " + strconv.Quote(name)}
	default:
		return nil
	}
}

// fill replaces references to already answered commands by their values.
func (c *client) fill(d dialect, j *job, all []*job) error {
	open := j.refs[:0:0]
	for _, ref := range j.refs {
		of := all[ref.to].answer
		if of == nil {
			open = append(open, ref)
			continue
		}
		if of.err != nil { // there may be a result in addition to the error
			return detailed(ErrReference, ": "+of.query.method+" failed")
		}
		value, err := d.lead(ref, of).value(of)
		if err != nil {
			return err
		}
		j.params = bytes.ReplaceAll(j.params, []byte(`"`+ref.mark+`"`), value)
	}
	if len(open) == len(j.refs) {
		return nil
	}
	j.refs = open
	return d.write(c, j, all)
}

// filled returns the parameters with the values that the references led to.
func (j *job) filled(d dialect, all []*job) []byte {
	body := j.params
	if j.proves {
		return body // not needed
	}
	for _, ref := range j.refs {
		if of := all[ref.to].answer; of != nil {
			if value, err := d.lead(ref, of).value(of); err == nil {
				body = bytes.ReplaceAll(body, []byte(`"`+ref.mark+`"`), value)
			}
		}
	}
	return body
}

// key returns the name of the job's row in the answer to a batch in which it is command i.
func (j *job) key(i int) string {
	if j.label == "" {
		return strconv.Itoa(i)
	}
	return j.label
}

// checkRefs reports a reference that led to no value while the batch ran.
func (j *job) checkRefs(all []*job) error {
	for _, ref := range j.refs {
		of, err := all[ref.to].answer, ErrReference
		switch {
		case of != nil && of.err != nil:
			err = detailed(ErrReference, ": "+of.query.method+" failed")
		case of != nil:
			_, err = ref.value(of)
		}
		if err != nil {
			return detailed(err, "; the portal executed the command with another value")
		}
	}
	return nil
}

func quote(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s) // invalid UTF-8 in names and parameters was refused before
	return b
}
