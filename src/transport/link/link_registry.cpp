#include "link/link_registry.hpp"

#include <algorithm>
#include <iterator>

#include "link/framed_link.hpp"

namespace phyllo::transport {
namespace {

constexpr const char* links_name = "phyllo_links";
constexpr const char* links_help = "Open overlay links, by transport.";

}  // namespace

link_registry::link_registry(core::environment& e, core::metrics& m, core::duration timeout)
    : env(e),
      metrics(m),
      orphan_timeout(timeout),
      dtls_(m.get_gauge(links_name, links_help, {{"transport", "dtls"}})),
      tls_(m.get_gauge(links_name, links_help, {{"transport", "tls"}})) {}

void link_registry::add(framed_link* l, link_kind kind) {
  open_.emplace(l->peer().node(), l);
  gauge_of(kind).set(gauge_of(kind).value() + 1);
  const auto [first, last] = open_.equal_range(l->peer().node());
  if (std::distance(first, last) <= static_cast<std::ptrdiff_t>(links_of_node_max)) return;
  metrics.drop("links_of_node");
  first->second->close();  // which takes it out, and calls nobody back at once
}

void link_registry::remove(framed_link* l, link_kind kind) {
  const auto [first, last] = open_.equal_range(l->peer().node());
  const auto at = std::find_if(first, last, [l](const auto& o) { return o.second == l; });
  if (at == last) return;
  open_.erase(at);
  gauge_of(kind).set(gauge_of(kind).value() - 1);
}

std::shared_ptr<framed_link> link_registry::find(const link_token& token, const identity::node_id& peer) const {
  const auto [first, last] = open_.equal_range(peer);
  const auto at = std::find_if(first, last, [&](const auto& o) { return o.second->answers_to(token); });
  return at == last ? nullptr : at->second->shared_from_this();
}

void link_registry::close_all() {
  const auto all = open_;
  for (const auto& [peer, l] : all) l->close();  // closing calls nobody back at once, so none of these goes away meanwhile
}

}  // namespace phyllo::transport
