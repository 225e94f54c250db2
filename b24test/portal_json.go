package b24test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/b24go/b24"
)

// seedV3 begins the names of entities of REST 3.0 in a file of rows.
const seedV3 = "v3:"

// SeedJSON seeds the rows in a JSON object of entities, each with a list of rows, in that order:
//
//	{"crm.deal": [{"ID": 7, "TITLE": "Big"}], "v3:tasks.task": [{"id": 1}]}
//
// The names are those of [Portal.Seed], and with v3: before them those of [V3.Seed]. Numbers keep
// all their digits. The error names the entity and the row, counted from 0; the rows before it stay.
// It does not fail the test by itself. SeedJSON reads r to the end.
func (p *Portal) SeedJSON(r io.Reader) error {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	if err := opens(dec, '{', "an object of entities"); err != nil {
		return fmt.Errorf("b24test: seed JSON: %w", err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return fmt.Errorf("b24test: seed JSON: %w", err)
		}
		entity, _ := name.(string) // the name of a member is a text
		if err := p.seedRows(dec, entity); err != nil {
			return fmt.Errorf("b24test: seed JSON: %s: %w", entity, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("b24test: seed JSON: %w", cut(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("b24test: seed JSON: there is more behind the object of entities")
	}
	return nil
}

// seedRows seeds the rows of one entity.
func (p *Portal) seedRows(dec *json.Decoder, entity string) error {
	seed, err := p.seeder(entity)
	if err != nil {
		return err
	}
	if err := opens(dec, '[', "a list of rows"); err != nil {
		return err
	}
	for i := 0; dec.More(); i++ {
		var row *b24.Params
		err := dec.Decode(&row)
		if err == nil && row == nil {
			err = errors.New("a row is an object, not null")
		}
		if err == nil {
			err = seed(*row)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", i, cut(err))
		}
	}
	_, err = dec.Token()
	return cut(err)
}

// seeder returns the function that seeds a row of an entity.
func (p *Portal) seeder(entity string) (func(b24.Params) error, error) {
	name, isV3 := strings.CutPrefix(entity, seedV3)
	if !isV3 {
		return func(row b24.Params) error { return p.data.seed(entity, row) }, p.data.touch(entity)
	}
	if err := p.v3.begin(name); err != nil { // the entity exists without rows too
		return nil, err
	}
	return func(row b24.Params) error { return p.v3.seed(name, row) }, nil
}

// opens reads the beginning of an object or list.
func opens(dec *json.Decoder, delim json.Delim, what string) error {
	token, err := dec.Token()
	switch {
	case err != nil:
		return cut(err)
	case token != delim:
		return fmt.Errorf("it begins with %v instead of %s", token, what)
	}
	return nil
}

// cut returns the error of JSON that ends too early.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
