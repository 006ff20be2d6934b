#include "caller_claim.hpp"

#include <utility>

#include "headers_parse.hpp"
#include "host_name.hpp"
#include "location.hpp"

namespace phyllo::sip {
namespace {

using kind = caller_claim::kind;

caller_claim ours(std::optional<std::string> user) {
  caller_claim c;
  c.what = kind::ours;
  c.user = std::move(user).value_or("");
  c.realm = c.user.substr(c.user.rfind('@') + 1);
  return c;
}

kind kind_of(const uri& u, const own_names& own, const source& from, const asio::ip::address& own_address) {
  if (u.scheme == "tel") return own.user_of(u) || own.domains.size() > 1 ? kind::ours : kind::foreign;
  if (!u.is_sip() || !canonical_host(u.host)) return kind::malformed;
  if (own.is_domain(u.host) || own.is_node(u.host)) return kind::ours;
  const auto address = host_address(u.host);
  if (!address || *address == from.remote.address || !meaningful_for(own_address, *address)) return kind::foreign;
  return kind::ours;
}

// At any port: who has an address as his name has no port in it.
std::optional<std::string> user_by(const uri& u, const own_names& own) {
  if (u.is_sip() && host_address(u.host)) return own.user_named(u.user_unescaped());
  return own.user_of(u);
}

}  // namespace

caller_claim claim_of(const message& m, const own_names& own, const source& from, const asio::ip::address& own_address) {
  caller_claim c;
  const auto& u = m.from().uri;
  c.what = kind_of(u, own, from, own_address);
  if (c.what == kind::ours) return ours(user_by(u, own));
  if (c.what == kind::malformed) return c;
  for (const auto& line : m.headers("P-Preferred-Identity")) {
    for (const auto& preferred : uris_of(line)) {
      if (kind_of(preferred, own, from, own_address) == kind::ours) return ours(user_by(preferred, own));
    }
  }
  return c;
}

}  // namespace phyllo::sip
