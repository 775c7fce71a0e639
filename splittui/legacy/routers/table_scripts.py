"""The shell scripts by which a Postfix table is read and written on its host. POSIX sh, without any other language.

Both hold a lock on the table's folder while they are at work, so that a reader waits for a writer whose link was cut.
Where there is no flock, the new file is the lock: it is made only where it does not exist yet.

A table's version is a checksum of its text. A writer says which version it made its new text from, so that nothing
that somebody else wrote in between is lost.
"""

from __future__ import annotations

MARK = "splittui:"
"""Begins the line with which a script ends."""

_BOTH = r"""
table=$1 type=$2 key=$3
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C
export PATH LC_ALL
umask 077
case $type in
  hash | btree) index=.db ;;
  lmdb) index=.lmdb ;;
  cdb) index=.cdb ;;
  *) index= ;;
esac
new=$table.splittui-new old=$table.splittui-old
# What Berkeley DB leaves behind where it could not make a file begins with __db.
clean() { rm -f "$new" "$new$index" "${table%/*}/__db.${new##*/}$index"; }
say() { printf '\nsplittui: %s\n' "$*"; }
fail() { say "failed $*"; exit 1; }
version() { { sha256sum || sha256 -q || openssl dgst -sha256 || cksum; } <"$1" 2>/dev/null; }
asked() { postmap -q "$key" "$type:$1"; }
[ -d "${table%/*}" ] || fail "there is no folder ${table%/*}"
if command -v flock >/dev/null; then
  exec 9<"${table%/*}/" && flock -w 20 9 || fail "another program has held the lock on ${table%/*} for 20 seconds"
fi
[ -L "$table" ] && fail "$table is a symbolic link: name the file itself"
[ -f "$table" ] || fail "there is no file $table"
[ -z "$index" ] || [ -f "$table$index" ] || fail "there is no $table$index: never made by postmap, or of another type"
command -v postmap >/dev/null || fail "there is no postmap"
"""

READ = (
    _BOTH
    + r"""
[ -r "$table" ] || fail "$table cannot be read by $(id -un)"
seen=$(version "$table")
[ -n "$seen" ] || fail "there is no program for checksums"
late=no
[ -n "$index" ] && [ -n "$(find "$table" -newer "$table$index")" ] && late=yes
printf '%s\n%s\n' "$seen" "$late"
if [ -n "$key" ]; then
  asked "$table"
  ended=$?
  [ "$ended" -le 1 ] || fail "postmap -q ended with $ended"
fi
printf '\001\n'
cat "$table"
[ "$(version "$table")" = "$seen" ] || fail "somebody is writing $table at this moment"
say done
"""
)
"""Prints the version, whether the text is newer than its index, what the index has for the key (empty: nothing), and
behind a line with \\001 the text. Arguments: path, type, key (empty: none is looked up)."""

WRITE = (
    _BOTH
    + r"""
value=$4 version=$5 size=$6
looks() { set -- $(ls -ldn "$1"); printf '%.10s %s %s' "$1" "$3" "$4"; }
answers() {
  found=$(asked "$1")
  [ "$?" -le 1 ] && [ "$found" = "$value" ]
}
flush() { sync "$@" 2>/dev/null || sync; }
command -v flock >/dev/null && clean
(set -C; : >"$new") || fail "$new cannot be made"
trap clean EXIT
trap 'exit 1' HUP INT TERM PIPE
cp -p "$table" "$new" || fail "the table cannot be copied"
cat >"$new" || fail "the new table cannot be written"
[ "$(($(wc -c <"$new")))" -eq "$size" ] || fail "the new table did not arrive whole"
[ "$(looks "$new")" = "$(looks "$table")" ] || fail "the new table cannot be given the owner and mode of the old one"
if [ -n "$index" ]; then
  postmap "$type:$new" || fail "postmap ended with $? on the new table"
fi
answers "$new" || fail "postmap -q says '$found' of the new table"
flush "$new" ${index:+"$new$index"} || fail "the new table cannot be brought to the disk"
[ "$(version "$table")" = "$version" ] || { say meanwhile; exit 0; }
ln -f "$table" "$old" 2>/dev/null || cp -p "$table" "$old" || fail "the old table cannot be kept"
trap '' HUP INT TERM PIPE
mv -f "$new" "$table" || fail "the new table cannot be put in its place"
if [ -n "$index" ] && ! mv -f "$new$index" "$table$index"; then
  cp -p "$old" "$new" && mv -f "$new" "$table"
  fail "the new index cannot be put in its place; the old table was put back"
fi
flush "${table%/*}"
answers "$table" || fail "the new table is in its place, but postmap -q says '$found' of it"
say done
"""
)
"""Takes the new text from standard input, and replaces the table and its index by renaming when all is proved. The old
text is kept beside it, with ``.splittui-old`` behind the name; the old index must not be, as Postfix knows a replaced
index by its having no name any more. Ends with ``done``, ``meanwhile`` (somebody wrote the table since, nothing was
changed) or ``failed`` and why. Arguments: path, type, key, value (empty: no line), version, size of the text in bytes.
"""
