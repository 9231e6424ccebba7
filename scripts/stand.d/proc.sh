# shellcheck shell=bash
# Starting and stopping the stand's servers. A process is only ever stopped by the id that its server recorded,
# and only after /proc has shown that this process is that server with this stand's configuration: after a crash
# or a reboot the id may belong to somebody else.
# shellcheck disable=SC2154 # variables are shared between the sourced files

dovecots='dovecot dovecot-untrusted'

dovecot_base() { [[ $1 = dovecot ]] && echo "$stand/d" || echo "$stand/u"; }

# Prints the id of the running master for one Dovecot configuration, or fails.
dovecot_pid() {
  local pid
  pid=$(cat "$(dovecot_base "$1")/master.pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
  tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF "$stand/$1.conf" || return 1
  echo "$pid"
}

# Postfix keeps its id in a file that it locks; the process must also be a "master" with this stand's queue.
postfix_pid() {
  local pid
  pid=$(as_owner cat "$stand/postfix/queue/pid/master.pid" 2>/dev/null) || return 1
  pid=${pid//[[:space:]]/}
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
  [[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == *"/master "* ]] || return 1
  grep -qsF "master.pid" <(as_owner ls -l "/proc/$pid/fd" 2>/dev/null) || return 1
  [[ $(as_owner readlink "/proc/$pid/cwd") = "$stand/postfix/queue" ]] || return 1
  echo "$pid"
}

# Root's files and processes are looked at by sudo, without asking: whoever started the stand may do that.
as_owner() {
  if [[ $EUID = 0 ]]; then "$@"; else sudo -n "$@"; fi
}

stand_running() {
  [[ -f $stand/env ]] || return 1
  dovecot_pid dovecot >/dev/null && dovecot_pid dovecot-untrusted >/dev/null && postfix_pid >/dev/null
}

dovecot_adm() { doveadm -c "$stand/dovecot.conf" "$@"; }

start_servers() {
  local d log="$stand/log/start.log"
  : >"$log"
  # Hundreds of connections want many file descriptors. No more than that: servers close them all, one by one,
  # when they start, and with a million of them that takes seconds.
  ulimit -n 16384 2>/dev/null || true
  for d in $dovecots; do
    if ! dovecot -c "$stand/$d.conf" >>"$log" 2>&1 9>&-; then start_failed "Dovecot"; fi
  done
  start_postfix
  wait_for_ports
}

start_postfix() {
  local etc="$stand/postfix/etc"
  if ! as_root "$here/stand.d/postfix-start" "$stand/postfix" "$postfix_owner" >>"$stand/log/start.log" 2>&1 9>&-; then
    start_failed "Postfix ($etc)"
  fi
}

wait_for_ports() {
  local i p var waiting=''
  for ((i = 0; i < 200; i++)); do
    waiting=''
    for p in $ports; do
      var=${p}_PORT
      if port_free "${!var}"; then waiting+=" ${!var}"; fi
    done
    [[ -n $waiting || ! -S $stand/d/lmtp ]] || return 0
    sleep 0.05
  done
  start_failed "the servers (no answer on$waiting)"
}

start_failed() {
  printf 'stand: %s did not start. The last lines of the logs in %s:\n' "$1" "$stand/log" >&2
  as_owner tail -n 8 "$stand"/log/{start,dovecot,dovecot-untrusted,postfix}.log >&2 2>/dev/null || true
  stop_servers || true
  exit 1
}

# Sends TERM to all, waits for some seconds, then KILL; only while a process is what it is taken for.
stop_servers() {
  local i
  signal_servers TERM
  for ((i = 0; i < 160; i++)); do
    any_server || break
    sleep 0.05
  done
  if any_server; then
    signal_servers KILL
    sleep 0.3
  fi
  stop_leftovers
  ! any_server
}

signal_servers() {
  local d pid
  if pid=$(postfix_pid); then as_owner kill "-$1" "$pid" 2>/dev/null || true; fi
  for d in $dovecots; do
    if pid=$(dovecot_pid "$d"); then kill "-$1" "$pid" 2>/dev/null || true; fi
  done
}

any_server() {
  postfix_pid >/dev/null || dovecot_pid dovecot >/dev/null || dovecot_pid dovecot-untrusted >/dev/null
}

# A master that was killed leaves children for a moment, and a stale id file. Dovecot's children notice by
# themselves; those that hold on (an IDLE connection) are found by the directory that they work in.
stop_leftovers() {
  local d base proc cwd
  for d in $dovecots; do
    base=$(dovecot_base "$d")
    [[ -d $base ]] || continue
    if ! dovecot_pid "$d" >/dev/null; then
      for proc in /proc/[0-9]*; do
        cwd=$(readlink "$proc/cwd" 2>/dev/null) || continue
        [[ $cwd = "$base" || $cwd = "$base"/* ]] || continue
        [[ $(readlink "$proc/exe" 2>/dev/null) = */dovecot/* ]] || continue
        kill -TERM "${proc#/proc/}" 2>/dev/null || true
      done
      rm -f "$base/master.pid"
    fi
  done
}

# One full FETCH of what a list shows fills Dovecot's cache as a mailbox in daily use would have it.
warm_up() {
  local user=$1
  dovecot_adm index -u "$user" INBOX
  printf '%s\r\n' 'a SELECT INBOX' \
    'b FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES CONTENT-TYPE X-PRIORITY LIST-ID)])' \
    'c SORT (REVERSE DATE) UTF-8 ALL' 'd LOGOUT' |
    dovecot_adm exec imap -u "$user" >"$stand/log/warm-up.out" 2>>"$stand/log/start.log" || die "the mailbox could not be read"
  grep -q '^b OK' "$stand/log/warm-up.out" || die "the mailbox could not be read: $stand/log/warm-up.out"
  rm -f "$stand/log/warm-up.out"
}
