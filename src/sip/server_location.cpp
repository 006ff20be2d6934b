#include "server_location.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "own_names.hpp"

namespace phyllo::sip {

// One URI being looked for.
struct server_location::search {
  std::string domain;                 // TARGET of the RFC
  std::optional<std::uint16_t> port;  // given in the URI
  std::optional<protocol> by;         // given in the URI
  bool secure = false;                // sips: TLS only
  std::size_t lookups = 0;
  std::vector<destination> found;

  [[nodiscard]] bool full() const { return found.size() >= destinations_max || lookups >= lookups_max; }
  [[nodiscard]] bool admits(protocol p) const { return (!by || *by == p) && (!secure || p == protocol::tls); }
};

namespace {

struct service_of_domain {
  protocol by;
  std::string_view naptr;
  std::string_view prefix;
};
// In our order of preference where a domain has none (s.4.1).
constexpr std::array<service_of_domain, 3> services{service_of_domain{protocol::tls, "SIPS+D2T", "_sips._tcp."},
                                                    service_of_domain{protocol::tcp, "SIP+D2T", "_sip._tcp."},
                                                    service_of_domain{protocol::udp, "SIP+D2U", "_sip._udp."}};

// s.4.1 without records: "SHOULD use UDP for a SIP URI, and TCP for a SIPS URI".
protocol default_protocol(bool secure_uri) { return secure_uri ? protocol::tls : protocol::udp; }

}  // namespace

std::vector<transport::srv_record> in_order(std::vector<transport::srv_record> records, core::environment& env) {
  std::ranges::sort(records, {}, &transport::srv_record::priority);
  for (auto first = records.begin(); first != records.end(); ++first) {
    const auto end = std::find_if(first, records.end(), [&](const auto& r) { return r.priority != first->priority; });
    // RFC 2782: zero weights have a small chance.
    std::uint64_t sum = 0;
    for (auto r = first; r != end; ++r) sum += r->weight + 1U;
    auto left = core::random_u64(env) % sum;
    auto chosen = first;
    while (left > chosen->weight) left -= (chosen++)->weight + 1U;  // ends before `end`: left < sum
    std::rotate(first, chosen, std::next(chosen));
  }
  return records;
}

core::awaitable<std::vector<destination>> server_location::find(uri u) {
  if (const auto literal = resolve(u)) co_return std::vector<destination>(1, *literal);
  search s;
  s.domain = u.host;
  s.port = u.port;
  s.secure = u.secure();
  if (const auto given = u.parameter("transport"); given && !u.secure()) {
    s.by = protocol_of(*given);
    if (!s.by || over_websocket(*s.by)) co_return std::vector<destination>();
  }
  if (!u.is_sip() || s.domain.empty()) co_return std::vector<destination>();
  if (s.port) {
    const auto p = s.by.value_or(default_protocol(s.secure));
    co_await by_address(s, p, s.domain, *s.port);
    co_return std::move(s.found);
  }
  co_await by_naptr(s);
  bool known = !s.found.empty();
  for (const auto& each : services) {
    if (known || !s.admits(each.by)) continue;
    known = co_await by_srv(s, each.by, std::string(each.prefix) + s.domain);
  }
  if (!known) {
    const auto p = s.by.value_or(default_protocol(s.secure));
    co_await by_address(s, p, s.domain, default_port(p));
  }
  co_return std::move(s.found);
}

core::awaitable<void> server_location::by_naptr(search& s) {
  ++s.lookups;
  auto records = co_await dns_.naptr(s.domain);
  if (!records) co_return;
  std::ranges::sort(*records,
                    [](const auto& a, const auto& b) { return std::pair(a.order, a.preference) < std::pair(b.order, b.preference); });
  for (const auto& r : *records) {
    const auto known = std::ranges::find_if(services, [&](const auto& each) { return equal_ignoring_case(each.naptr, r.service); });
    const bool usable = known != services.end() && s.admits(known->by) && equal_ignoring_case(r.flags, "s") && !r.replacement.empty();
    if (!usable || s.full()) continue;
    co_await by_srv(s, known->by, r.replacement);
  }
}

// True: the domain has such a service, be its servers reachable or not.
core::awaitable<bool> server_location::by_srv(search& s, protocol p, std::string name) {
  ++s.lookups;
  auto records = co_await dns_.srv(std::move(name));
  if (!records || records->empty()) co_return false;
  const auto ordered = in_order(std::move(*records), env_);
  for (const auto& r : ordered) {
    // RFC 2782: "A Target of "." means that the service is decidedly not available at this domain."
    if (r.target.empty() || r.target == "." || s.full()) continue;
    co_await by_address(s, p, r.target, r.port);
  }
  co_return true;
}

core::awaitable<void> server_location::by_address(search& s, protocol p, std::string host, std::uint16_t port) {
  ++s.lookups;
  const auto addresses = co_await dns_.addresses(std::move(host));
  if (!addresses) co_return;
  for (const auto& a : *addresses) {
    if (s.found.size() >= destinations_max) break;
    destination d;
    d.by = p;
    d.at.address = a;
    d.at.port = port;
    if (secure(p)) d.server_name = s.domain;  // RFC 5922 s.4: the name that was asked for, not the server's
    s.found.push_back(std::move(d));
  }
}

}  // namespace phyllo::sip
