#!/bin/sh
# The first process of a capsule's namespaces. It makes folders private, says "ready", and waits: when its input ends,
# because whoever started it is done or dead, it ends too, and the kernel ends every process of the capsule with it.
#
# Usage: capsule.sh FOLDER OPEN ADDRESS...
# FOLDER is removed at the end. OPEN names folders, separated by colons, that every user of the capsule may enter.
set -eu
folder=$1
open=$2
shift 2

ip link set lo up
for address; do
  ip addr add "$address/32" dev lo
done

mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
IFS=:
for place in /etc /opt $open; do
  mkdir -p "/run/private$place/upper" "/run/private$place/work"
  mount -t overlay overlay "$place" \
    -o "lowerdir=$place,upperdir=/run/private$place/upper,workdir=/run/private$place/work"
done
for place in /var/log /var/spool /var/lib/postfix; do
  [ -d "$place" ] || continue
  mount -t tmpfs -o mode=755 tmpfs "$place"
done
# It may be a link to a file that is not there any more.
rm -f /etc/resolv.conf

echo ready
cat >/dev/null || :
rm -rf "$folder"
