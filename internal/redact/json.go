package redact

import (
	"bytes"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds the nesting that is read; portals answer with about a dozen levels.
const maxDepth = 100

// JSON is the function [JSON] that also masks the literal secrets.
func (s *Secrets) JSON(b []byte) []byte {
	w := jsonWriter{
		// Answers repeat names and sometimes contain broken UTF-8; whatever can be read must be
		// masked.
		dec:     jsontext.NewDecoder(bytes.NewReader(b), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		secrets: s,
		out:     make([]byte, 0, len(b)),
	}
	if w.value(maxDepth) == nil {
		if _, err := w.dec.ReadToken(); err == io.EOF { //nolint:errorlint // the decoder returns io.EOF itself
			return w.out
		}
	}
	return []byte(s.Text(string(b)))
}

// jsonWriter copies one JSON value without its secrets.
type jsonWriter struct {
	dec     *jsontext.Decoder
	secrets *Secrets
	out     []byte
}

// value copies the next value, which may nest at most depth levels.
func (w *jsonWriter) value(depth int) error {
	switch k := w.dec.PeekKind(); {
	case k == '{' && depth > 0:
		return w.object(depth)
	case k == '[' && depth > 0:
		return w.array(depth)
	case k == '{', k == '[':
		return w.mask()
	}
	tok, err := w.dec.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() == '"' {
		return w.text(tok.String())
	}
	w.out = append(w.out, tok.String()...)
	return nil
}

// array copies a list.
func (w *jsonWriter) array(depth int) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	w.out = append(w.out, '[')
	for first := true; w.dec.PeekKind() != ']'; first = false {
		if !first {
			w.out = append(w.out, ',')
		}
		if err := w.value(depth - 1); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	_, err := w.dec.ReadToken()
	return err
}

// object copies an object. Whether a code belongs to OAuth is known only after all names, so codes
// are masked at the end.
func (w *jsonWriter) object(depth int) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	w.out = append(w.out, '{')
	var codes [][2]int
	company := false
	for first := true; w.dec.PeekKind() != '}'; first = false {
		if !first {
			w.out = append(w.out, ',')
		}
		k, err := w.name()
		if err != nil {
			return err
		}
		company = company || k == kindCompany || k == kindCertain
		start := len(w.out)
		if k > kindCode {
			err = w.mask()
		} else {
			err = w.value(depth - 1)
		}
		if err != nil {
			return err
		}
		if k == kindCode {
			codes = append(codes, [2]int{start, len(w.out)})
		}
	}
	if company {
		for _, c := range slices.Backward(codes) {
			w.out = slices.Replace(w.out, c[0], c[1], []byte(`"`+Mask+`"`)...)
		}
	}
	w.out = append(w.out, '}')
	_, err := w.dec.ReadToken()
	return err
}

// name copies the name of a member, with its colon.
func (w *jsonWriter) name() (kind, error) {
	tok, err := w.dec.ReadToken()
	if err != nil {
		return kindPlain, err
	}
	name := tok.String()
	masked := w.secrets.Text(name)
	w.out, err = jsontext.AppendQuote(w.out, masked)
	w.out = append(w.out, ':')
	return max(nameKind(name), nameKind(masked)), err // the masked rest of a name may be sensitive itself
}

// mask skips the next value and writes the mask instead.
func (w *jsonWriter) mask() error {
	w.out = append(w.out, `"`+Mask+`"`...)
	return w.dec.SkipValue()
}

// text writes a string without its secrets.
func (w *jsonWriter) text(s string) error {
	out, err := jsontext.AppendQuote(w.out, w.secrets.Text(s))
	w.out = out
	return err
}
