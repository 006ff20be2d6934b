#include "phyllo/overlay/usages.hpp"

#include <algorithm>

#include "kinds/sip_registration.hpp"
#include "kinds/turn_server.hpp"
#include "phyllo/overlay/errc.hpp"
#include "usages/usages_impl.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::uint32_t at_the_end = 0xffffffff;

core::bytes key_of(const node_id& n) { return core::to_bytes(n.octets); }

// "destination lists" of Node-IDs only: what this node can dial by AppAttach.
std::optional<aor_mapping> to_mapping(const sip_registration& s) {
  aor_mapping m;
  m.uri = s.uri;
  m.contact_prefs = s.contact_prefs;
  for (const auto& d : s.route) {
    if (d.type != destination_type::node) return std::nullopt;
    m.route.push_back(d.id);
  }
  return m;
}

}  // namespace

core::awaitable<core::result<outcome>> usages_impl::store_entry(std::uint32_t kind, resource_id resource, kind_entry e,
                                                                std::chrono::seconds lifetime, core::duration timeout) {
  return records_.store_entry(kind, resource, std::move(e), lifetime, timeout);
}

core::awaitable<core::result<std::vector<kind_value>>> usages_impl::fetch_entries(std::uint32_t kind, resource_id resource,
                                                                                  core::duration timeout) {
  return records_.fetch_entries(kind, resource, timeout);
}

core::awaitable<core::result<resource_id>> usages_impl::find_resource(std::uint32_t kind, resource_id near, core::duration timeout) {
  return records_.find_resource(kind, near, timeout);
}

core::awaitable<core::status> usages_impl::publish_certificate(std::chrono::seconds lifetime, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  const auto by_node = co_await publish_at(kind_number::certificate_by_node, node_resource(self(), hash_), lifetime, deadline);
  if (!by_node) co_return by_node;
  co_return co_await publish_at(kind_number::certificate_by_user, user_resource(self_->certificate.user(), hash_), lifetime, deadline);
}

// "New certificates are stored at the end of the list", so that an old and a new one stand side by side.
core::awaitable<core::status> usages_impl::publish_at(std::uint32_t kind, resource_id resource, std::chrono::seconds lifetime,
                                                      core::time_point deadline) {
  const auto stored = co_await fetch_entries(kind, resource, deadline - env_.now());
  if (!stored) co_return core::fail(stored.error());
  kind_entry e;
  e.index = at_the_end;
  e.value = core::to_bytes(self_->certificate.der());
  const auto same = std::ranges::find_if(*stored, [&](const kind_value& v) { return v.entry.value == e.value; });
  if (same != stored->end()) e.index = same->entry.index;
  const auto done = co_await store_entry(kind, resource, std::move(e), lifetime, deadline - env_.now());
  if (!done) co_return core::fail(done.error());
  co_return core::status();
}

core::awaitable<core::result<std::vector<identity::certificate>>> usages_impl::certificates_of_node(node_id node, core::duration timeout) {
  return certificates_at(kind_number::certificate_by_node, node_resource(node, hash_), timeout);
}

core::awaitable<core::result<std::vector<identity::certificate>>> usages_impl::certificates_of_user(std::string user,
                                                                                                    core::duration timeout) {
  return certificates_at(kind_number::certificate_by_user, user_resource(user, hash_), timeout);
}

core::awaitable<core::result<std::vector<identity::certificate>>> usages_impl::certificates_at(std::uint32_t kind, resource_id resource,
                                                                                               core::duration timeout) {
  const auto stored = co_await fetch_entries(kind, resource, timeout);
  if (!stored) co_return core::fail(stored.error());
  std::vector<identity::certificate> out;
  for (const auto& v : *stored) {
    if (auto c = trust_.read(v.entry.value)) out.push_back(std::move(*c));
  }
  co_return out;
}

core::awaitable<core::status> usages_impl::map_aor(aor_mapping to, std::chrono::seconds lifetime, core::duration timeout) {
  sip_registration s;
  s.type = to.uri.empty() ? sip_registration_type::route : sip_registration_type::uri;
  s.uri = std::move(to.uri);
  s.contact_prefs = std::move(to.contact_prefs);
  for (const auto& n : to.route) s.route.push_back(destination::to_node(n));
  kind_entry e;
  e.key = key_of(self());
  e.value = s.encode();
  const auto resource = user_resource(self_->certificate.user(), hash_);
  const auto done = co_await store_entry(kind_number::sip_registration, resource, std::move(e), lifetime, timeout);
  if (!done) co_return core::fail(done.error());
  co_return core::status();
}

core::awaitable<core::result<std::vector<aor_mapping>>> usages_impl::mappings_of(std::string user, core::duration timeout) {
  const auto stored = co_await fetch_entries(kind_number::sip_registration, user_resource(user, hash_), timeout);
  if (!stored) co_return core::fail(stored.error());
  std::vector<aor_mapping> out;
  for (const auto& v : *stored) {
    const auto s = sip_registration::decode(v.entry.value);
    auto m = s ? to_mapping(*s) : std::nullopt;
    if (m) out.push_back(std::move(*m));
  }
  co_return out;
}

core::awaitable<core::status> usages_impl::advertise_relay(transport::endpoint at, unsigned density, std::chrono::seconds lifetime,
                                                           core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  for (unsigned d = 1; d <= std::min<unsigned>(density, turn_iterations_max); ++d) {
    turn_server t;
    t.iteration = static_cast<std::uint8_t>(d);
    t.at = at;
    kind_entry e;
    e.value = t.encode();
    const auto resource = multiple_resource(self(), t.iteration, hash_);
    const auto done = co_await store_entry(kind_number::turn_service, resource, std::move(e), lifetime, deadline - env_.now());
    if (!done) co_return core::fail(done.error());
  }
  co_return core::status();
}

// "selecting a random Resource-ID and then doing a Find request for the appropriate Kind-ID with that Resource-ID"
core::awaitable<core::result<transport::endpoint>> usages_impl::find_relay(unsigned tries, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  for (unsigned i = 0; i < tries && env_.now() < deadline; ++i) {
    resource_id near;
    env_.random(near.octets);
    const auto found = co_await find_resource(kind_number::turn_service, near, deadline - env_.now());
    if (!found) {
      if (found.error() == errc::not_found) continue;
      co_return core::fail(found.error());
    }
    const auto stored = co_await fetch_entries(kind_number::turn_service, *found, deadline - env_.now());
    if (!stored || stored->empty()) continue;
    const auto t = turn_server::decode(stored->front().entry.value);
    if (t) co_return t->at;
  }
  co_return core::fail(errc::not_found, "no TURN server was found at the places asked");
}

}  // namespace phyllo::overlay
