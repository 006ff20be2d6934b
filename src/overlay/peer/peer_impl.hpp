// The node's part in its overlay for as long as it runs: what goes on whatever its role (documents, Kinds, observers, applications,
// records and usages as others hold them), and the stack of the role that it has.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peer/lasting_records.hpp"
#include "peer/observer_list.hpp"
#include "peer/peer_records.hpp"
#include "peer/present_stack.hpp"
#include "usages/usages_impl.hpp"

namespace phyllo::overlay {

class peer_impl final : public peer_records {
 public:
  peer_impl(core::environment& env, peer_options options, std::shared_ptr<const identity::credential> self,
            identity::parsed_configuration configuration, identity::trust& trust, transport::link_layer& links, core::metrics& metrics,
            core::logger log);

  // peer
  core::awaitable<core::status> join(std::vector<transport::candidate> bootstrap, core::time_point deadline) override;
  void form() override { present_->layers().topology().form(); }
  void seek(std::vector<transport::candidate> place) override { present_->layers().topology().seek(std::move(place)); }
  void hear_time(core::told_time t) override;
  void observe(overlay_observer& o) override { observers_.add(o); }
  core::awaitable<core::status> change_role(role_options to) override;
  [[nodiscard]] bool client() const override { return options_.client; }
  core::awaitable<void> leave() override;
  core::awaitable<void> stop() override;
  core::awaitable<core::status> adopt(std::string document) override;
  core::awaitable<core::status> adopt_kind(std::string block) override;
  core::status take_revocations(identity::revocation_list::next n) override { return present_->revocations().take(std::move(n)); }
  core::awaitable<revocation_reach> reach_of_revocations(core::time_point deadline) override;
  core::awaitable<core::result<std::string>> document_of_another() override;
  core::awaitable<core::result<ping_outcome>> ping(node_id destination, core::duration timeout) override;
  core::awaitable<core::result<ping_outcome>> ping_by_route(std::vector<node_id> route, core::duration timeout) override;
  core::awaitable<core::result<ping_outcome>> ping_root(resource_id key, core::duration timeout) override;
  core::awaitable<core::result<trace_outcome>> trace(node_id destination, core::duration timeout) override;
  core::awaitable<core::result<trace_outcome>> trace_root(resource_id key, core::duration timeout) override;
  void serve_application(std::uint16_t application, application_handler handler) override;
  core::awaitable<core::result<application_offer>> app_attach(std::vector<node_id> route, std::uint16_t application, application_offer mine,
                                                              core::duration timeout) override;
  [[nodiscard]] usages& uses() override { return usages_; }
  [[nodiscard]] peer_status status() const override { return present_->status(); }
  [[nodiscard]] bool claims(const resource_id& key) const override;
  [[nodiscard]] bool has_failed(const node_id& n) const override { return present_->layers().ring().has_failed(n); }

  [[nodiscard]] peer_stack& stack() noexcept { return *present_; }  // of the role that it has now
  [[nodiscard]] bool active() const { return present_->layers().ring().active(); }

 private:
  void take_role(role_options to);
  void make_stack();

  core::environment& env_;
  peer_options options_;  // the role's are of the present one
  std::shared_ptr<const identity::credential> self_;
  identity::trust& trust_;
  transport::link_layer& links_;
  core::metrics& metrics_;
  core::logger log_;
  held_document document_;
  learnt_kinds learnt_;
  observer_list observers_;
  peer_applications::handlers served_;
  std::optional<core::told_time> told_;  // last
  bool ended_ = false;
  present_stack present_;
  lasting_records records_;
  usages_impl usages_;
};

}  // namespace phyllo::overlay
