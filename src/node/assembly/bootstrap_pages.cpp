#include "assembly/bootstrap_pages.hpp"

#include "assembly/ring_search.hpp"
#include "files/known_peers.hpp"
#include "phyllo/enrollment/supernode_list.hpp"

namespace phyllo::node {
namespace {

constexpr auto list_lasts = std::chrono::seconds(10);

}  // namespace

bootstrap_pages::bootstrap_pages(core::environment& env, const configuration& c, const identity::trust& trust)
    : env_(env), configuration_(c), trust_(trust), server_(enrollment::bootstrap_server::create([this] { return supernodes(); })) {
  server_->serve_revocations([this] { return revocations(); });
}

void bootstrap_pages::list(const overlay::peer& p, std::shared_ptr<const identity::credential> signer) {
  peer_ = &p;
  signer_ = std::move(signer);
}

// Of those in this node's tables: others that are linked may be ordinary nodes. One entry each, where it was heard.
std::string bootstrap_pages::supernodes() {
  if (peer_ == nullptr) return {};
  if (!listed_.empty() && env_.now() < listed_until_) return listed_;
  enrollment::supernode_list l{configuration_.overlay.name, env_.wall_now(), {}};
  const auto own = own_endpoint(configuration_);
  if (!own.address.is_unspecified()) l.nodes.push_back({own.address.to_string(), own.port});
  const auto status = peer_->status();
  const auto members = members_of(status);
  for (const auto& link : status.links) {
    if (!members.contains(link.node)) continue;
    if (!link.listens.empty()) l.nodes.push_back({link.listens.front().address.to_string(), link.listens.front().port});
  }
  listed_ = enrollment::print(l, *signer_);
  listed_until_ = env_.now() + list_lasts;
  return listed_;
}

std::string bootstrap_pages::revocations() {
  const auto& list = trust_.revocations();
  if (list.whole() && list.number() != encoded_number_) {
    encoded_ = core::as_text(list.encode());
    encoded_number_ = list.number();
  }
  return encoded_;
}

}  // namespace phyllo::node
