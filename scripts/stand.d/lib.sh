# shellcheck shell=bash
# What all parts of the mail stand share: where a stand lives, who its processes run as, its lock and its ports.
# shellcheck disable=SC2034,SC2154 # variables are shared between the sourced files

say() { printf '%s\n' "$*"; }
die() {
  printf 'stand: %s\n' "$*" >&2
  exit 1
}

# Dovecot and Postfix sit in /usr/sbin, which an ordinary user's PATH lacks on Debian.
PATH=$PATH:/usr/sbin:/sbin

as_root() {
  if [[ $EUID = 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "Postfix has to be started by root: install sudo or run as root"
  fi
}

# Dovecot never opens a mailbox as root. Started by root it uses the system's mail user; started by somebody
# else it runs as that person altogether, and so does Postfix after root has started it: home directories are
# closed to others.
find_people() {
  if [[ $EUID = 0 ]]; then
    mail_user=mail
    getent passwd mail >/dev/null || mail_user=nobody
    mail_uid=$(id -u "$mail_user") mail_gid=$(id -g "$mail_user")
    postfix_owner=postfix
  else
    mail_user=$(id -un)
    mail_uid=$(id -u) mail_gid=$(id -g)
    postfix_owner=$mail_user
  fi
}

# .stands/ in the repository, unless the mail user cannot get there (a repository in root's own home): then a
# directory under /var/tmp, with .stands as a link to it.
find_stands_dir() {
  local elsewhere
  find_people
  stands=${POSTHORN_STANDS_DIR:-$root/.stands}
  if [[ -z ${POSTHORN_STANDS_DIR:-} && $EUID = 0 && ! -L $stands ]] && ! mail_user_reaches "$root"; then
    elsewhere=/var/tmp/posthorn-stands-$(printf '%s' "$root" | cksum | cut -d' ' -f1)
    mkdir -p "$elsewhere"
    rmdir "$stands" 2>/dev/null || true
    ln -s "$elsewhere" "$stands"
  fi
  mkdir -p "$stands"
  stands=$(cd "$stands" && pwd -P)
}

mail_user_reaches() {
  setpriv --reuid="$mail_uid" --regid="$mail_gid" --clear-groups test -x "$1"
}

set_stand() {
  name=$1
  stand=$stands/$name
}

init_stand() {
  # A socket's path may have 107 bytes; the longest one here adds 30.
  [[ ${#stand} -le 75 ]] || die "the path $stand is too long for sockets: set POSTHORN_STANDS_DIR to a shorter one"
  local tool
  for tool in dovecot postfix openssl node flock; do
    command -v "$tool" >/dev/null || die "$tool is missing: scripts/setup run installs what is needed"
  done
  mkdir -p "$stand/log"
  chmod 755 "$stand"
}

# One start or stop at a time over all stands, so that two do not choose the same ports.
with_lock() {
  exec 9>"$stands/.lock"
  flock -w 60 9 || die "another scripts/stand has been working for a minute: $stands/.lock"
}

ports='IMAP SMTP SIEVE UNTRUSTED INTERNAL'

load_ports() {
  local p
  for p in $ports; do
    printf -v "${p}_PORT" '%s' "$(sed -n "s/^STAND_${p/UNTRUSTED/IMAP_UNTRUSTED}_PORT=//p" "$stand/env" 2>/dev/null)"
  done
}

port_free() {
  ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The ports of the last start if they are still free, the well-known ones for the demo, else free ones below the
# range from which the kernel takes ports for outgoing connections.
choose_ports() {
  local p var taken tries
  taken=$(cat "$stands"/*/env 2>/dev/null | sed -n 's/^STAND_[A-Z_]*_PORT=//p' || true)
  load_ports
  if [[ $name = demo && -z $IMAP_PORT ]]; then
    IMAP_PORT=19930 SMTP_PORT=19465 SIEVE_PORT=14190 UNTRUSTED_PORT=19931 INTERNAL_PORT=19025
  fi
  for p in $ports; do
    var=${p}_PORT
    tries=0
    until [[ -n ${!var} ]] && port_free "${!var}"; do
      tries=$((tries + 1))
      [[ $tries -lt 200 ]] || die "no free port found"
      printf -v "$var" '%s' $((20000 + RANDOM % 11000))
      if grep -qx "${!var}" <<<"$taken"; then printf -v "$var" ''; fi
    done
    taken+=$'\n'${!var}
  done
}
