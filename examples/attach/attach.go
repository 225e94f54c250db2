package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

const dealType = 2 // entityTypeId of deals

func attach(ctx context.Context, w io.Writer, c b24.Client, s settings) error {
	if err := errors.Join(toDeal(ctx, c, s), toTask(ctx, w, c, s)); err != nil {
		return err
	}
	return download(ctx, w, c, s)
}

// toDeal puts the file into the field of the deal, and looks whether it arrived: a portal drops a
// file in the wrong form, and a field that does not exist, without an error.
func toDeal(ctx context.Context, c b24.Client, s settings) error {
	fields, err := b24.Call[b24.Map[struct {
		Type       string
		IsMultiple bool
	}]](ctx, c, "crm.item.fields", b24.Params{"entityTypeId": dealType}, b24.WithResultKey("fields"))
	if err != nil {
		return err
	}
	if field := fields[s.field]; field.Type != "file" || field.IsMultiple {
		return fmt.Errorf("deals have no field %s for one file", s.field)
	}
	f, err := os.Open(s.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	_, err = file.Write(ctx, c, "crm.item.update", b24.Params{"entityTypeId": dealType, "id": s.deal, "fields": b24.Params{
		s.field: file.Pair(file.File{Name: filepath.Base(s.file), Body: f}),
	}}, file.WithVerify(func(*b24.AjaxResult) (file.Check, error) {
		return file.Check{Path: []string{"item", s.field}}, nil
	}))
	return err
}

// toTask uploads the file and attaches it to the task, which keeps the files that it has.
func toTask(ctx context.Context, w io.Writer, c b24.Client, s settings) error {
	stored, err := upload(ctx, w, c, s)
	if err != nil {
		return err
	}
	_, err = c.CallMethod(ctx, "tasks.task.files.attach", b24.Params{"taskId": s.task, "fileId": stored.ID})
	if err != nil {
		return fmt.Errorf("file %s is in the folder, but is it in the task? %w", stored.ID, err)
	}
	return tell(w, "%s is in deal %s and in task %s\n", stored.Name, s.deal, s.task)
}

// upload uploads the file to the folder. If the answer is lost, it looks for the file instead of
// sending it again.
func upload(ctx context.Context, w io.Writer, c b24.Client, s settings) (file.Stored, error) {
	f, err := os.Open(s.file)
	if err != nil {
		return file.Stored{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return file.Stored{}, err
	}
	folder, name := file.Folder(s.folder), filepath.Base(s.file)
	stored, err := file.Upload(ctx, c, folder, file.File{Name: name, Body: f})
	switch {
	case errors.Is(err, file.ErrNameTaken):
		return stored, fmt.Errorf("the folder has a file %s: rename one of them: %w", name, err)
	case err == nil, !b24.MayHaveExecuted(err):
		return stored, err
	}
	found, ok, failed := file.FindUploaded(ctx, c, folder, name, info.Size())
	if failed != nil || !ok {
		return found, errors.Join(err, failed)
	}
	return found, tell(w, "the answer to the upload was lost, but %s is there\n", found.Name)
}

// download downloads all files of the folder. One that fails does not keep the others out.
func download(ctx context.Context, w io.Writer, c b24.Client, s settings) error {
	var failures []error
	to := target{w: w, c: c, dir: s.dir, taken: map[string]bool{}}
	rows := b24.List[file.Stored](ctx, c, "disk.folder.getchildren", b24.Params{"id": s.folder}, b24.WithPaging(b24.PagingOffset))
	for row, err := range rows {
		if err == nil && row.Type != "folder" {
			if err = to.save(ctx, row); err != nil {
				err = fmt.Errorf("%q: %w", row.Name, err)
			}
		}
		if err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

// target is a directory to download to.
type target struct {
	w     io.Writer
	c     b24.Client
	dir   string
	taken map[string]bool // names, in lower case
}

// save downloads one file under a temporary name, and renames it once it is whole.
func (t target) save(ctx context.Context, row file.Stored) error {
	f, err := os.CreateTemp(t.dir, ".part-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is not there if all went well
	renew := func(ctx context.Context) (b24.FileURL, error) {
		row, err := b24.Call[file.Stored](ctx, t.c, "disk.file.get", b24.Params{"id": row.ID})
		return row.Link, err
	}
	draw := bar(t.w, row.Name)
	draw(file.Progress{})
	info, err := file.Download(ctx, t.c, row.Link, f, file.WithSize(int64(row.Size)), file.WithRenew(renew), file.WithProgress(draw))
	if err = errors.Join(err, tell(t.w, "\n"), f.Close()); err != nil {
		return err
	}
	name := info.Name // the safe one
	if key := strings.ToLower(name); name == "" || t.taken[key] {
		name = strings.TrimSpace(string(row.ID) + " " + name)
	}
	t.taken[strings.ToLower(name)] = true
	return os.Rename(f.Name(), filepath.Join(t.dir, name))
}

// bar returns a function that draws how far a file has come, whenever that looks different.
func bar(w io.Writer, name string) func(file.Progress) {
	const width = 20
	drawn := -1
	return func(p file.Progress) {
		part := int(width * p.Done / max(p.Total, 1))
		if part == drawn {
			return
		}
		drawn = part
		_ = tell(w, "\r%q [%s%s]", name, strings.Repeat("#", part), strings.Repeat(".", width-part)) // the end of the line reports what is wrong with w
	}
}

func tell(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return err
}
