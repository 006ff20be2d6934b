// What an operator can set of registrar and proxy: section [sip] of the configuration file, as far as this tier acts on it; by what acts on
// it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace phyllo::sip {

struct digest_settings {
  // The digests that users may answer with: the best that each can do, MD5 until he has used SHA-256; or "require", SHA-256 of everybody.
  std::string policy = "adapt";
  unsigned wrong_passwords_per_minute = 30;  // of one address (IPv6: /64), that are judged; others are answered 503
  std::chrono::seconds nonce_lifetime{300};
};

struct registration_settings {
  std::chrono::seconds expires_min{60};
  std::chrono::seconds expires_default{3600};
  std::chrono::seconds expires_max{43200};  // at most half of a record's longest lifetime: it is rewritten half-way
  // Phones that only this node reaches, over their connection or the way through their NAT: at most so long, so that they come back when it
  // has died; and how often those that speak RFC 5626 are to see that it lives.
  std::chrono::seconds expires_flow{600};
  std::chrono::seconds flow_timer{90};
  unsigned contacts_max = 10;  // per user
};

// What strangers (neither users who have shown their credentials nor peers) may ask of users, and the one refusal they get.
struct stranger_settings {
  std::vector<std::string> methods = {"INVITE"};
  unsigned answer = 480;                          // 0: the phone's own
  std::chrono::milliseconds refusal_delay{1000};  // it comes no sooner after the request, as wrong credentials do
};

struct ringing_settings {
  unsigned per_callee = 32;   // requests for one user that wait for an answer; more are answered 486
  unsigned per_caller = 256;  // of one calling domain or address of strangers, or of one user; more are answered 503
};

// What is read before it is parsed.
struct rate_settings {
  // Messages of one address (IPv6: /64): datagrams beyond it are dropped, streams wait. Nodes of the ring and `peers` have none.
  double source_messages_per_second = 2000;
  double source_messages_burst = 4000;
  double strangers_messages_per_second = 10'000;  // datagrams of all who have proved nothing, requests and responses each; more are dropped
};

struct transaction_settings {
  unsigned transactions_max = 200'000;  // beyond it new requests get 503
  // RFC 3261 s.17.1.1.1: "T1 is an estimate of the round-trip time (RTT)".
  std::chrono::milliseconds t1{500};
  // s.17.1.2.2: "the maximum retransmit interval for non-INVITE requests and INVITE responses".
  std::chrono::milliseconds t2{4000};
  // s.17.1.2.2: "the maximum duration a message will remain in the network".
  std::chrono::milliseconds t4{5000};
};

struct service_settings {
  digest_settings digest;
  registration_settings registration;
  stranger_settings stranger;
  ringing_settings ringing;
  rate_settings rates;
  transaction_settings transactions;
  bool authenticate_calls = true;  // 407 for requests whose From is of our domains; REGISTER always is
  // Header fields that users may send and strangers may not: names, or beginnings of names.
  std::vector<std::string> trusted_headers = {"P-*",       "Alert-Info",  "Call-Info", "Answer-Mode", "Priv-Answer-Mode",
                                              "Diversion", "History-Info"};
  std::vector<std::string> peers;        // addresses or prefixes whose word counts as a user's own, over TCP and TLS
  std::vector<std::string> dns_servers;  // for names of next hops, "192.0.2.53" or "192.0.2.53:5353"; empty: the system's
};

}  // namespace phyllo::sip
