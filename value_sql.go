package b24

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Value implements driver.Valuer: the text, or NULL if the identifier is empty ("0" is not).
func (id ID) Value() (driver.Value, error) { return textOrNull(string(id)) }

// Scan implements sql.Scanner. NULL gives the empty identifier.
func (id *ID) Scan(src any) error { return scanInto("ID", src, id) }

// Value implements driver.Valuer: an int64, 0 included.
func (n Int) Value() (driver.Value, error) { return int64(n), nil }

// Scan implements sql.Scanner. NULL is an error: scan into a Null[Int].
func (n *Int) Scan(src any) error { return scanNumber("Int", src, n) }

// Value implements driver.Valuer: a float64, 0 included.
func (f Float) Value() (driver.Value, error) { return float64(f), nil }

// Scan implements sql.Scanner. NULL is an error: scan into a Null[Float].
func (f *Float) Scan(src any) error { return scanNumber("Float", src, f) }

// Value implements driver.Valuer: a bool, false included.
func (v Bool) Value() (driver.Value, error) { return bool(v), nil }

// Scan implements sql.Scanner. NULL is an error: scan into a Null[Bool].
func (v *Bool) Scan(src any) error { return scanNumber("Bool", src, v) }

// Value implements driver.Valuer: the encoded form as text, or NULL if there is no amount.
func (m Money) Value() (driver.Value, error) {
	if m.Amount == "" {
		return nil, nil //nolint:nilnil // NULL
	}
	text, err := m.MarshalText()
	return string(text), err
}

// Scan implements sql.Scanner. NULL gives the zero value.
func (m *Money) Scan(src any) error { return scanInto("Money", src, m) }

// Value implements driver.Valuer: YYYY-MM-DD as text, or NULL for the zero Date.
func (d Date) Value() (driver.Value, error) {
	text, err := d.MarshalText()
	if err != nil {
		return nil, err
	}
	return textOrNull(string(text))
}

// Scan implements sql.Scanner. NULL gives the zero Date, and of a time the day in its own zone
// counts.
func (d *Date) Scan(src any) error {
	if t, ok := src.(time.Time); ok {
		*d = DateOf(t)
		return nil
	}
	return scanInto("Date", src, d)
}

// Value implements driver.Valuer: a time.Time, or NULL for the zero value. A time without a zone is
// an error, because it is no moment: set the zone with [DateTime.AssumeZone].
func (d DateTime) Value() (driver.Value, error) {
	switch {
	case d.IsZero():
		return nil, nil //nolint:nilnil // NULL
	case !d.HasZone():
		return nil, errors.New("b24: DateTime: the zone of the time is not known; set it with AssumeZone")
	default:
		return d.Time, nil
	}
}

// Scan implements sql.Scanner. NULL gives the zero value.
func (d *DateTime) Scan(src any) error {
	if t, ok := src.(time.Time); ok {
		d.Time = t
		return nil
	}
	return scanInto("DateTime", src, d)
}

// Value implements driver.Valuer: NULL if there is no value, otherwise what V gives. A T that a
// database cannot hold is an error.
func (n Null[T]) Value() (driver.Value, error) {
	if !n.Valid {
		return nil, nil //nolint:nilnil // NULL
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(n.V)
	if err != nil {
		return nil, fmt.Errorf("b24: Null: %w", err)
	}
	return v, nil
}

// Scan implements sql.Scanner. NULL, and what reports IsZero, is no value. Its errors are those of
// T; on an error n keeps its value.
func (n *Null[T]) Scan(src any) error {
	var v sql.Null[T]
	if err := v.Scan(src); err != nil {
		return fmt.Errorf("b24: Null: %w", err)
	}
	if z, ok := any(v.V).(interface{ IsZero() bool }); ok && z.IsZero() {
		v = sql.Null[T]{}
	}
	*n = Null[T]{V: v.V, Valid: v.Valid}
	return nil
}

func textOrNull(text string) (driver.Value, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // NULL
	}
	return text, nil
}

// scanNumber is scanInto for types whose zero value means something.
func scanNumber(name string, src any, to json.Unmarshaler) error {
	if src == nil {
		return fmt.Errorf("b24: %s: the database has NULL; scan into a Null[%s]", name, name)
	}
	return scanInto(name, src, to)
}

// scanInto decodes what a driver returned as the same value in JSON is decoded.
func scanInto(name string, src any, to json.Unmarshaler) error {
	text, err := sqlText(name, src)
	if err != nil {
		return err
	}
	return to.UnmarshalJSON(text)
}

// sqlText returns a value of a driver as JSON.
func sqlText(name string, src any) ([]byte, error) {
	switch src := src.(type) {
	case nil:
		return []byte("null"), nil
	case string:
		return json.Marshal(src)
	case []byte:
		return json.Marshal(string(src))
	case int64:
		return strconv.AppendInt(nil, src, 10), nil
	case bool:
		return strconv.AppendBool(nil, src), nil
	case float64:
		return json.Marshal(src)
	default:
		return nil, fmt.Errorf("b24: %s: cannot read a %T of the database", name, src)
	}
}
