# shellcheck shell=bash
# Writes what a stand consists of: certificates, users, the configuration of Dovecot and Postfix, and the env file
# that tells Posthorn and the tests where everything is.
# shellcheck disable=SC2154 # variables are shared between the sourced files

domains='posthorn.example zweite.example'

# address, password, quota; the passwords are public on purpose.
people() {
  local n
  cat <<'TEXT'
demo@posthorn.example	posthorn-demo	5G
anna@posthorn.example	anna-secret	5G
jonas@posthorn.example	jonas-secret	5G
leer@posthorn.example	leer-secret	5G
umlaut@posthorn.example	Pässwört "mit" \ und 'Leer zeichen	5G
bulk@posthorn.example	bulk-secret	50G
voll@posthorn.example	voll-secret	256K
maria@zweite.example	maria-secret	5G
TEXT
  for n in 1 2 3 4 5 6 7 8; do printf 'test%s@posthorn.example\ttest-secret\t5G\n' "$n"; done
}

# Further addresses: where mail goes, and who may send as it.
aliases() {
  cat <<'TEXT'
info@posthorn.example	demo@posthorn.example
hallo@posthorn.example	anna@posthorn.example
TEXT
}

write_certificates() {
  local c="$stand/certs"
  if [[ -f $stand/ca.pem && -f $c/server.pem && -f $c/untrusted.pem ]] &&
    openssl x509 -in "$c/server.pem" -checkend 2592000 -noout >/dev/null; then
    return 0
  fi
  rm -rf "$c"
  mkdir -p "$c"
  certificate_pair "$c/ca" "Posthorn mail stand ($name)" "$c/server"
  certificate_pair "$c/other-ca" "An authority that nobody trusts" "$c/untrusted"
  cp "$c/ca.pem" "$stand/ca.pem"
}

# An authority and a server certificate by it.
certificate_pair() {
  local ca=$1 subject=$2 server=$3 log="$stand/log/openssl.log"
  {
    openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -sha256 \
      -subj "/O=Posthorn mail stand/CN=$subject" -keyout "$ca.key" -out "$ca.pem" \
      -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' \
      -keyout "$server.key" -out "$server.csr"
    openssl x509 -req -in "$server.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days 800 -sha256 \
      -out "$server.pem" -extfile <(
        printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' \
          'extendedKeyUsage=serverAuth' \
          'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1,DNS:imap.posthorn.example,DNS:smtp.posthorn.example,DNS:imap.zweite.example,DNS:smtp.zweite.example'
      )
  } >>"$log" 2>&1 || die "openssl failed: $log"
  rm -f "$server.csr"
}

write_config() {
  local listen=127.0.0.1
  if [[ -f /proc/net/if_inet6 ]] && grep -q '^00000000000000000000000000000001' /proc/net/if_inet6; then
    listen='127.0.0.1, ::1'
  fi
  write_users
  write_dovecot dovecot "$stand/d" "$IMAP_PORT" "$stand/certs/server" >"$stand/dovecot.conf"
  write_dovecot dovecot-untrusted "$stand/u" "$UNTRUSTED_PORT" "$stand/certs/untrusted" >"$stand/dovecot-untrusted.conf"
  write_postfix
  write_env
}

write_users() {
  local user password quota more
  mkdir -p "$stand/mail"
  if [[ $EUID = 0 ]]; then chown "$mail_user" "$stand/mail"; fi
  people | while IFS=$'\t' read -r user password quota; do
    # Indexing 100,000 messages for full-text search takes many minutes: the large mailbox goes without.
    more=''
    if [[ $user = bulk@* ]]; then more=' userdb_mail_plugins=quota'; fi
    printf '%s:{PLAIN.B64}%s::::::userdb_quota_rule=*:bytes=%s%s\n' "$user" "$(printf '%s' "$password" | base64 -w0)" "$quota" "$more"
  done >"$stand/users.new"
  mv "$stand/users.new" "$stand/users"
}

# The second Dovecot exists only to show a certificate of another authority: same users, same mail, own port.
write_dovecot() {
  local which=$1 base=$2 port=$3 cert=$4 protocols='imap lmtp sieve' internal=dovecot login=dovenull group=dovecot
  local as='' jail='' auth_user=dovecot
  if [[ $which = dovecot-untrusted ]]; then protocols=imap; fi
  mkdir -p "$base"
  if [[ $EUID != 0 ]]; then
    internal=$mail_user login=$mail_user auth_user=$mail_user group=$(id -gn)
    as="user = $mail_user" jail='chroot ='
  fi
  cat <<TEXT
# Written by scripts/stand at every start: changes here do not last.
protocols = $protocols
base_dir = $base
state_dir = $base
instance_name = posthorn-$name-$which
listen = $listen
log_path = $stand/log/$which.log
default_internal_user = $internal
default_internal_group = $group
default_login_user = $login
shutdown_clients = yes

ssl = required
ssl_cert = <$cert.pem
ssl_key = <$cert.key
disable_plaintext_auth = yes

auth_mechanisms = plain login
auth_username_format = %Lu
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = username_format=%Lu $stand/users
}
userdb {
  driver = passwd-file
  args = username_format=%Lu $stand/users
  override_fields = uid=$mail_uid gid=$mail_gid home=$stand/mail/%Ld/%Ln
}
first_valid_uid = 1
first_valid_gid = 1

mail_location = maildir:~/mail:INBOX=~/mail/INBOX:LAYOUT=fs:UTF-8:INDEX=~/index:CONTROL=~/control
mail_plugins = quota fts fts_xapian
mail_max_userip_connections = 10
recipient_delimiter = +
namespace inbox {
  inbox = yes
  separator = /
  mailbox Drafts {
    special_use = \\Drafts
    auto = subscribe
  }
  mailbox Sent {
    special_use = \\Sent
    auto = subscribe
  }
  mailbox Archive {
    special_use = \\Archive
    auto = subscribe
  }
  mailbox Junk {
    special_use = \\Junk
    auto = subscribe
  }
  mailbox Trash {
    special_use = \\Trash
    auto = subscribe
  }
}

protocol imap {
  mail_plugins = \$mail_plugins imap_quota
}
protocol lmtp {
  mail_plugins = \$mail_plugins sieve
}
postmaster_address = postmaster@posthorn.example
hostname = mail.posthorn.example
submission_host = 127.0.0.1:$INTERNAL_PORT
submission_ssl = no

plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=5G
  quota_grace = 0
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_max_redirects = 25
  sieve_vacation_min_period = 0
  fts = xapian
  fts_xapian = partial=3 full=20
  fts_autoindex = yes
  fts_enforced = yes
}

# Hundreds of connections at once, and no waiting after a wrong password: tests do both.
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = $port
    ssl = yes
  }
  service_count = 0
  process_min_avail = 1
  process_limit = 4
  client_limit = 2000
  $jail
}
service imap {
  process_limit = 1500
}
service anvil {
  client_limit = 6000
  unix_listener anvil-auth-penalty {
    mode = 0
  }
  $jail
}
service stats {
  client_limit = 6000
}
service auth {
  user = $auth_user
  client_limit = 12000
  unix_listener auth-userdb {
    mode = 0666
  }
  unix_listener auth-postfix {
    mode = 0666
  }
}
service auth-worker {
  $as
}
service indexer-worker {
  vsz_limit = 2G
  $as
}
TEXT
  if [[ $which = dovecot ]]; then
    cat <<TEXT
service managesieve-login {
  inet_listener sieve {
    port = $SIEVE_PORT
  }
  service_count = 0
  client_limit = 500
  process_limit = 2
  $jail
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
  $as
}
TEXT
  fi
}

write_postfix() {
  local p="$stand/postfix" e d user password quota to
  e=$p/etc
  mkdir -p "$p"
  chmod 755 "$p"
  # After a start as an ordinary user the files belong to root: replace the directory.
  rm -rf "$e" 2>/dev/null || as_root rm -rf "$e"
  mkdir -p "$e"
  cat >"$e/main.cf" <<TEXT
# Written by scripts/stand at every start: changes here do not last.
compatibility_level = 3.6
queue_directory = $p/queue
data_directory = $p/data
mail_owner = $postfix_owner
maillog_file = $stand/log/postfix.log
maillog_file_prefixes = $stand/log
multi_instance_name =
syslog_name = posthorn-$name
inet_interfaces = loopback-only
inet_protocols = all
myhostname = mail.posthorn.example
myorigin = posthorn.example
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128
local_transport = error:5.1.1 no local accounts
alias_maps =
alias_database =

# Nothing leaves this machine.
default_transport = error:5.7.1 this mail stand sends nothing outside
relay_transport = error:5.7.1 this mail stand sends nothing outside
relay_domains =

virtual_mailbox_domains = $domains
virtual_mailbox_maps = texthash:$e/mailboxes
virtual_alias_maps = texthash:$e/aliases
virtual_transport = lmtp:unix:$stand/d/lmtp
recipient_delimiter = +
lmtp_destination_recipient_limit = 100
message_size_limit = 52428800
mailbox_size_limit = 0
header_size_limit = 204800

smtpd_tls_cert_file = $stand/certs/server.pem
smtpd_tls_key_file = $stand/certs/server.key
smtpd_tls_session_cache_database =
smtpd_sasl_type = dovecot
smtpd_sasl_path = $stand/d/auth-postfix
smtpd_sasl_security_options = noanonymous
smtpd_sender_login_maps = texthash:$e/senders
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_reject_unlisted_recipient = yes
# Tests make mistakes on purpose, and quickly.
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 2000
smtpd_hard_error_limit = 2000
smtpd_client_connection_count_limit = 0
smtpd_timeout = 300s
default_process_limit = 200
minimal_backoff_time = 30s
queue_run_delay = 30s
smtpd_banner = \$myhostname ESMTP
smtputf8_enable = yes
TEXT
  write_master >"$e/master.cf"
  for d in $domains; do
    if [[ -z ${pattern:-} ]]; then pattern=${d//./\\.}; else pattern+="|${d//./\\.}"; fi
  done
  printf '!/@(%s)$/ 550 5.7.1 relay not permitted: this server takes mail for its own domains only\n' "$pattern" >"$e/recipients"
  : >"$e/mailboxes"
  : >"$e/senders.list"
  while IFS=$'\t' read -r user password quota; do
    printf '%s ok\n' "$user" >>"$e/mailboxes"
    printf '%s %s\n' "$user" "$user" >>"$e/senders.list"
  done < <(people)
  aliases | while IFS=$'\t' read -r user to; do
    printf '%s %s\n' "$user" "$to"
  done >"$e/aliases"
  cat "$e/aliases" >>"$e/senders.list"
  mv "$e/senders.list" "$e/senders"
  printf 'postmaster@posthorn.example demo@posthorn.example\n' >>"$e/aliases"
  # Postfix waits for seconds with a file that has just been written.
  touch -d '1 minute ago' "$e"/*
}

write_master() {
  local f='%-10s %-5s %-7s %-7s %-7s %-7s %-7s %s\n' addresses=127.0.0.1 a
  [[ $listen = *::1* ]] && addresses+=' [::1]'
  for a in $addresses; do
    # shellcheck disable=SC2059
    printf "$f" "$a:$SMTP_PORT" inet n - n - - smtpd
    cat <<'TEXT'
    -o smtpd_tls_wrappermode=yes
    -o smtpd_tls_security_level=encrypt
    -o smtpd_sasl_auth_enable=yes
    -o { smtpd_client_restrictions = permit_sasl_authenticated, reject }
    -o { smtpd_sender_restrictions = reject_sender_login_mismatch }
TEXT
    printf '    -o { smtpd_recipient_restrictions = check_recipient_access regexp:%s, permit_sasl_authenticated, reject }\n' \
      "$stand/postfix/etc/recipients"
  done
  # Dovecot's vacation answers and forwards come in here.
  # shellcheck disable=SC2059
  printf "$f" "127.0.0.1:$INTERNAL_PORT" inet n - n - - smtpd
  printf '    -o { smtpd_recipient_restrictions = check_recipient_access regexp:%s, permit_mynetworks, reject }\n' \
    "$stand/postfix/etc/recipients"
  while read -r -a a; do
    # shellcheck disable=SC2059
    printf "$f" "${a[@]}"
  done <<'TEXT'
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
TEXT
}

write_env() {
  cat >"$stand/env.new" <<TEXT
POSTHORN_IMAP_URL=imaps://localhost:$IMAP_PORT
POSTHORN_SMTP_URL=smtps://localhost:$SMTP_PORT
POSTHORN_SIEVE_URL=sieve://localhost:$SIEVE_PORT
POSTHORN_CA_FILE=$stand/ca.pem
STAND_NAME=$name
STAND_DIR=$stand
STAND_IMAP_PORT=$IMAP_PORT
STAND_SMTP_PORT=$SMTP_PORT
STAND_SIEVE_PORT=$SIEVE_PORT
STAND_IMAP_UNTRUSTED_PORT=$UNTRUSTED_PORT
STAND_INTERNAL_PORT=$INTERNAL_PORT
STAND_LMTP_SOCKET=$stand/d/lmtp
TEXT
  mv "$stand/env.new" "$stand/env"
}
