# shellcheck shell=bash
# What scripts/run, scripts/watch and scripts/test share: taking over a stand's addresses, finding a free port,
# starting the built server and waiting until it answers. To be sourced in the repository's root.

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  while :; do
    port=$((31000 + RANDOM % 1700))
    port_taken "$port" || break
  done
  echo "$port"
}

# Exports what the stand's env file says.
use_stand() {
  local line
  while IFS= read -r line; do
    [[ $line = *=* ]] || continue
    export "${line?}"
  done <"$(scripts/stand run-env --name "$1")"
}

# Prints the status line's code of GET /healthz, or nothing.
healthy() {
  local reply
  { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  printf 'GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
  IFS= read -r -t 2 reply <&3 || reply=''
  exec 3>&-
  [[ $reply = *" 200"* ]]
}

# wait_healthy PORT PID SECONDS
wait_healthy() {
  local i
  for ((i = 0; i < $3 * 20; i++)); do
    if healthy "$1"; then return 0; fi
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# stop_process PID: TERM, then after ten seconds KILL. Only for children of this shell.
stop_process() {
  local i
  [[ -n $1 ]] || return 0
  kill -TERM "$1" 2>/dev/null || return 0
  for ((i = 0; i < 200; i++)); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.05
  done
  kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# Stops a server that a killed "make run" has left behind; only if it is that server. True if that run had also
# started the mail stand, which is then this run's to stop.
stop_orphan() {
  local pid stand_too exe
  [[ -f $1 ]] && read -r pid stand_too <"$1" || return 1
  rm -f "$1"
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  exe=$(readlink "/proc/$pid/exe" 2>/dev/null || true)
  if [[ ${exe% (deleted)} = "$PWD/target/release/posthorn" ]]; then
    echo "… stopping the Posthorn that was left over (process $pid)"
    stop_process "$pid"
  fi
  [[ $stand_too = 1 ]]
}
