package file

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/door"
)

// layout is a form in which methods take files.
type layout int

const (
	layoutPair layout = iota
	layoutPairs
	layoutData
	layoutValue
	layoutText
)

// Field is the value of a field, or of a parameter, that holds files. It is encoded with the
// parameters of the call that it is in. Its readers are then used up: encoding it a second time is
// an error. It is printed as the names and sizes of its files.
//
// As base64, a file is a third larger, and several times in memory while it is encoded. Files that
// are larger than the limit are an error that matches [ErrTooLarge]; see [Field.WithLimit].
type Field struct {
	layout   layout
	files    []File
	keep     []b24.ID
	list     bool
	replaces bool
	limit    int64
	used     atomic.Bool
}

// defaultLimit is how large a file in a field may be.
const defaultLimit = 32 << 20

func newField(l layout, files []File) *Field {
	return &Field{layout: l, files: append([]File(nil), files...), limit: defaultLimit}
}

// Pair is one file as ["name","base64"]: a single file field of crm.item.*, lists.element.* and
// entity.item.*, PERSONAL_PHOTO of user.*, TEMPLATE_DATA of bizproc.workflow.template.*, and the
// parameter fileContent of disk.*.uploadFile and catalog.productImage.add.
//
// A multiple field takes it for two files, one of which is made of the name: use [Pairs] there, also
// for one file. [WithVerify] does not notice, because there are files.
func Pair(f File) *Field { return newField(layoutPair, []File{f}) }

// Pairs is any number of files as [["name","base64"],...]: a multiple file field of the methods of
// [Pair], and FILES of crm.timeline.comment.*, log.blogpost.* and log.blogcomment.*, also for one
// file.
//
// In crm.item.update and crm.timeline.comment.update it replaces all files of the field: those
// before are deleted. In crm.item.update, [Field.ReplaceAll] must say so; see [Keep].
func Pairs(f ...File) *Field { return newField(layoutPairs, f) }

// Data is {"fileData":["name","base64"]}: a file field of crm.lead.*, crm.deal.*, crm.contact.* and
// crm.company.*, previewPicture and detailPicture of catalog.product.*. Several files are a list of
// these, for a multiple field; see [Field.AsList] for a multiple field with one file.
func Data(f ...File) *Field { return newField(layoutData, f) }

// Value is [{"value":{"fileData":["name","base64"]}}]: a file property of catalog.product.*. An
// update keeps the files that are there.
func Value(f ...File) *Field { return newField(layoutValue, f) }

// Base64 is the content alone: file of documentgenerator.template.add, fileContent of note.file.add,
// content of im.v2.File.upload, FILE_CONTENT of telephony.externalCall.attachRecord. Those that take
// a name take it as a parameter of its own; the name of f is not sent.
func Base64(f File) *Field { return newField(layoutText, []File{f}) }

// Keep is the value of a multiple file field in crm.item.update that keeps the files with these ids,
// and gets more by [Field.Add]: [{"id":5},["name","base64"]]. Files that are neither kept nor added
// are deleted: read the record for the ids first ([Attached]).
func Keep(ids ...b24.ID) *Field {
	f := newField(layoutPairs, nil)
	f.keep = append(f.keep, ids...)
	return f
}

// Add adds files and returns f.
func (f *Field) Add(files ...File) *Field {
	f.files = append(f.files, files...)
	return f
}

// AsList makes one file of [Data] a list of one, for a multiple field, and returns f.
func (f *Field) AsList() *Field {
	f.list = true
	return f
}

// ReplaceAll says that [Pairs] is to delete the files that a field of crm.item.update has, and
// returns f. Without it, such a call is refused.
func (f *Field) ReplaceAll() *Field {
	f.replaces = true
	return f
}

// Misplaced is for package b24: it returns what is wrong with f as a parameter of a method. A portal
// ignores files in the form of another method without an error, or clears the field
// (docs/protocol.md 16.40).
func (f *Field) Misplaced(m door.Method) (problem string) {
	if f == nil {
		return ""
	}
	method := strings.ToLower(string(m))
	pairs := f.layout == layoutPair || f.layout == layoutPairs
	switch {
	case classicRecord(method) && pairs:
		return "holds files in the form of other methods, which the portal ignores: write file.Data"
	case strings.HasPrefix(method, "crm.item.") && !pairs && f.layout != layoutText:
		return "holds files in the form of other methods, with which the portal clears the field: write file.Pair, or file.Pairs for a multiple field"
	case method == "crm.item.update" && f.layout == layoutPairs && len(f.keep) == 0 && !f.replaces:
		return "would delete the files that the field has: write file.Keep(ids...).Add(...), or ReplaceAll() if that is meant"
	default:
		return ""
	}
}

// classicRecord reports whether a method writes a record of the CRM with the older names.
func classicRecord(method string) bool {
	record, verb, _ := strings.Cut(strings.TrimPrefix(method, "crm."), ".")
	return strings.HasPrefix(method, "crm.") && (verb == "add" || verb == "update") &&
		slices.Contains([]string{"lead", "deal", "contact", "company", "quote"}, record)
}

// WithLimit sets how large each file may be, in bytes, and returns f. The default is 32 MiB.
func (f *Field) WithLimit(n int64) *Field {
	f.limit = n
	return f
}

// String returns the names and sizes of the files.
func (f *Field) String() string {
	if f == nil {
		return "file.Field(none)"
	}
	parts := make([]string, 0, len(f.keep)+len(f.files))
	for _, id := range f.keep {
		parts = append(parts, "keep "+string(id))
	}
	for _, one := range f.files {
		size := ", size unknown"
		if n, known := lengthOf(orEmpty(one.Body)); known && !f.used.Load() {
			size = fmt.Sprintf(", %d bytes", n)
		} else if one.Size > 0 {
			size = fmt.Sprintf(", %d bytes", one.Size)
		}
		parts = append(parts, strconv.Quote(one.Name)+size)
	}
	return "file.Field(" + strings.Join(parts, "; ") + ")"
}

func orEmpty(r io.Reader) io.Reader {
	if r == nil {
		return strings.NewReader("")
	}
	return r
}

// Format writes what [Field.String] returns, for every verb.
func (f *Field) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.String()) }

// LogValue returns what [Field.String] returns.
func (f *Field) LogValue() slog.Value { return slog.StringValue(f.String()) }

// MarshalJSON reads the files and writes them in the form of the field.
func (f *Field) MarshalJSON() ([]byte, error) {
	if f == nil {
		return []byte("null"), nil
	}
	if f.used.Swap(true) {
		return nil, errors.New("b24: file: the field was encoded before, and its files are used up: make a new one for each call")
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if f.layout == layoutPair || f.layout == layoutText || f.layout == layoutData && len(f.files) == 1 && !f.list {
		err := f.write(&b, f.files[0])
		return b.Bytes(), err
	}
	b.WriteByte('[')
	for i, id := range f.keep {
		comma(&b, i)
		b.WriteString(`{"id":` + string(id) + `}`)
	}
	for i, one := range f.files {
		comma(&b, len(f.keep)+i)
		if err := f.write(&b, one); err != nil {
			return nil, err
		}
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

func comma(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

// check refuses what would delete files, or save none, without an error of the portal.
func (f *Field) check() error {
	for _, id := range f.keep {
		if n, err := id.Int64(); err != nil || n <= 0 {
			return fmt.Errorf("b24: file: %q is not the id of a file", string(id))
		}
	}
	switch one := f.layout == layoutPair || f.layout == layoutText; {
	case len(f.files)+len(f.keep) == 0:
		return errors.New("b24: file: the field has no files, which would delete those that are there: to delete them, send an empty list yourself")
	case one && len(f.files) > 1:
		return errors.New("b24: file: the form has room for one file only: use Pairs for a multiple field")
	case f.list && f.layout != layoutData:
		return errors.New("b24: file: AsList is for Data only")
	case len(f.keep) > 0 && f.layout != layoutPairs:
		return errors.New("b24: file: only Keep keeps files")
	case f.limit <= 0:
		return fmt.Errorf("b24: file: the limit of %d bytes is not positive", f.limit)
	default:
		return nil
	}
}

// write writes one file.
func (f *Field) write(b *bytes.Buffer, one File) error {
	size, err := f.sizeOf(one)
	if err != nil {
		return err
	}
	before, behind := `[`, `]`
	switch f.layout {
	case layoutText:
		before, behind = ``, ``
	case layoutData:
		before, behind = `{"fileData":[`, `]}`
	case layoutValue:
		before, behind = `{"value":{"fileData":[`, `]}}`
	default:
	}
	if size > 0 {
		const around = 100
		b.Grow(base64.StdEncoding.EncodedLen(int(size)) + len(one.Name) + around)
	}
	b.WriteString(before)
	if f.layout != layoutText {
		name, err := json.Marshal(one.Name)
		if err != nil {
			return err
		}
		b.Write(name)
		b.WriteByte(',')
	}
	b.WriteByte('"')
	if err := f.encode(b, one, size); err != nil {
		return err
	}
	b.WriteByte('"')
	b.WriteString(behind)
	return nil
}

// sizeOf checks a file and returns its size, or -1.
func (f *Field) sizeOf(one File) (int64, error) {
	if problem := badName(one.Name); problem != "" && f.layout != layoutText {
		return 0, fmt.Errorf("b24: file: the name %.100q is refused: %s", one.Name, problem)
	}
	size, err := one.measure()
	if err == nil && size > f.limit {
		err = f.tooLarge()
	}
	if err != nil {
		return 0, fmt.Errorf("b24: file: %q: %w", one.Name, err)
	}
	return size, nil
}

func (f *Field) tooLarge() error {
	return fmt.Errorf("%w for a parameter: it has more than %d bytes; send it with file.Upload and attach it by its id, or raise the limit with WithLimit", ErrTooLarge, f.limit)
}

// encode writes the content. The portal takes nothing but the standard alphabet with padding: it
// skips other characters, and saves a broken file.
func (f *Field) encode(b *bytes.Buffer, one File, size int64) error {
	var body io.Reader = &exact{from: one.Body, left: size, size: size}
	if size < 0 {
		body = io.LimitReader(one.Body, f.limit+1)
	}
	w := base64.NewEncoder(base64.StdEncoding, b)
	n, err := io.Copy(w, body)
	switch {
	case err != nil:
	case n == 0:
		err = ErrEmpty
	case n > f.limit:
		err = f.tooLarge()
	default:
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("b24: file: %q: %w", one.Name, err)
	}
	return nil
}

// Attachments is the value of a field that takes files of Drive by their ids: UF_TASK_WEBDAV_FILES
// of tasks.task.*, UF_BLOG_POST_FILE of log.blogpost.*. The parameter fileIds of
// tasks.task.file.attach takes the plain ids instead.
type Attachments struct {
	drive, keep []b24.ID
}

// Drive is files of Drive, by the ids that [Upload] and disk.file.get return: ["n9011"].
func Drive(ids ...b24.ID) Attachments { return Attachments{drive: append([]b24.ID(nil), ids...)} }

// Keep returns a with attachments that the record already has, by the ids of the attachments, as
// tasks.task.get returns them in the field. tasks.task.update detaches those that are not named.
func (a Attachments) Keep(ids ...b24.ID) Attachments {
	a.keep = append(slices.Clip(a.keep), ids...)
	return a
}

// MarshalJSON writes the ids.
func (a Attachments) MarshalJSON() ([]byte, error) {
	all := make([]string, 0, len(a.keep)+len(a.drive))
	for i, id := range append(append([]b24.ID(nil), a.keep...), a.drive...) {
		n, err := id.Int64()
		if err != nil || n <= 0 {
			return nil, fmt.Errorf("b24: file: %q is not the id of a file or an attachment", string(id))
		}
		prefix := ""
		if i >= len(a.keep) {
			prefix = "n"
		}
		all = append(all, prefix+strconv.FormatInt(n, 10))
	}
	if len(all) == 0 {
		return nil, errors.New("b24: file: the field has no files, which would detach those that are there: to do that, send an empty list yourself")
	}
	return json.Marshal(all)
}
