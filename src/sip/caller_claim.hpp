// Whom a request says it is from, and whether that is a user of ours, who must prove it (RFC 3261 s.22.1): pure.
//
// An address-of-record of the domain is one in every spelling (own_names::user_of). An IP address in From is taken for the domain's, too,
// unless it is the very address that the request came from, or one that means nothing here: a node does not know all nodes of a large
// ring, and nobody can show whose such a name is. A telephone number is of the only domain; so whoever has only a number must be a
// user of it or come from a configured peer.
#pragma once

#include <optional>
#include <string>

#include "message.hpp"
#include "own_names.hpp"

namespace phyllo::sip {

struct caller_claim {
  enum class kind {
    foreign,    // of another domain, which nobody here can check
    ours,       // of a domain of ours
    malformed,  // no name that a phone should show: refuse it
  };
  kind what = kind::foreign;
  std::string user;   // of ours: "alice@example.com"; empty: ours, but nobody's
  std::string realm;  // of ours: whose password proves it
};

// By From, and where that is foreign by P-Preferred-Identity (RFC 3325 s.9.2). `own_address` is this node's.
[[nodiscard]] caller_claim claim_of(const message& m, const own_names& own, const source& from, const asio::ip::address& own_address);

}  // namespace phyllo::sip
