#include "peer/storage_component.hpp"

#include <algorithm>
#include <utility>

#include "peer/make_storage.hpp"
#include "peer/occupied.hpp"
#include "reload/message.hpp"
#include "storage/storage_extension.hpp"

namespace phyllo::overlay {

storage_component::storage_component(core::environment& env, const peer_options& options,
                                     const std::shared_ptr<const identity::credential>& self, identity::trust& trust, lower_layers& below,
                                     learnt_kinds& kinds, core::metrics& metrics, const core::logger& log, core::task_scope& tasks)
    : topology_(below.topology()),
      messenger_(below.messages()),
      metrics_(metrics),
      tasks_(tasks),
      ring_(env, self, options.leaf_set, below, kinds, metrics) {
  storage_ = make_storage({env, self, trust, ring_, topology_.copies(), metrics, log}, options, kinds.served());
}

void storage_component::on_request(received_request r) {
  if (serving_ >= serving_max) return metrics_.drop("overloaded");
  tasks_.spawn(serve(std::move(r)));
}

core::awaitable<void> storage_component::serve(received_request r) {
  const bool watches = r.contents.code == code::fetch_req && has_extension(r.contents, extension_type::watch);
  if (watches) co_await storage_->hold_watch(r.signer.node(), r.contents);
  const occupied slot(serving_);
  incoming in{r.contents, r.resource, r.signer, r.link_peer};
  auto answer = co_await storage_->handle(std::move(in));
  messenger_.answers().respond(r, std::move(answer));
}

void storage_component::on_sync(received_request r, core::bytes sync) {
  if (serving_ >= serving_max) return metrics_.drop("overloaded");
  tasks_.spawn(serve_sync(std::move(r), std::move(sync)));
}

core::awaitable<void> storage_component::serve_sync(received_request r, core::bytes sync) {
  const occupied slot(serving_);
  auto content = co_await storage_->handle_sync(r.signer.node(), std::move(sync));
  topology_.carries().answer_on_link(r, link_subject::sync, std::move(content));
}

std::uint8_t storage_component::load() const noexcept {
  return static_cast<std::uint8_t>(std::min<std::size_t>(serving_ * 16 / serving_max, 15));
}

}  // namespace phyllo::overlay
