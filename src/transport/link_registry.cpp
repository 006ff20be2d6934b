#include "link_registry.hpp"

#include <vector>

#include "framed_link.hpp"

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
  open_.insert(l);
  gauge_of(kind).set(gauge_of(kind).value() + 1);
}

void link_registry::remove(framed_link* l, link_kind kind) {
  if (open_.erase(l) > 0) gauge_of(kind).set(gauge_of(kind).value() - 1);
}

std::shared_ptr<framed_link> link_registry::find(const link_token& token, const identity::node_id& peer) const {
  for (auto* l : open_) {
    if (l->token() == token && !l->dialled() && l->peer().node() == peer) return l->shared_from_this();
  }
  return nullptr;
}

void link_registry::close_all() {
  const std::vector<framed_link*> all(open_.begin(), open_.end());
  for (auto* l : all) l->close();  // closing calls nobody back at once, so none of these goes away meanwhile
}

}  // namespace phyllo::transport
