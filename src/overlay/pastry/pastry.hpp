// The Pastry topology plug-in of one node (src/overlay/pastry.md): the list of its parts. Tables come first, then what is decided and done
// with them; each part says what it is for.
#pragma once

#include "pastry/pastry_carrier.hpp"
#include "pastry/pastry_role.hpp"
#include "pastry/pastry_upkeep.hpp"

namespace phyllo::overlay {

class pastry final : public topology_plugin {
 public:
  // `role`: of a peer (ring_role.hpp), or of an ordinary node (client_attachment.hpp).
  pastry(const topology_parts& parts, const peer_options& options, role_maker role, topology_observer& up);

  [[nodiscard]] topology& routes() noexcept override { return ring_; }
  [[nodiscard]] const ring_knowledge& knows() const noexcept override { return knowledge_; }
  [[nodiscard]] link_carrier& carries() noexcept override { return carrier_; }
  [[nodiscard]] neighbour_observer& hears() noexcept override { return failures_; }
  [[nodiscard]] link_maker_observer& links() noexcept override { return links_; }

  [[nodiscard]] bool forwards() const noexcept override { return role_->forwards(); }

  void start() override;
  core::awaitable<core::status> join(places bootstrap, core::time_point deadline) override {
    return role_->join(std::move(bootstrap), deadline);
  }
  void form() noexcept override { joiner_.forming().ask(); }
  void seek(places place) override { role_->seek(std::move(place)); }
  void say_leave() override { membership_.say_leave(); }
  void drop_revoked() override { links_.drop_revoked(); }
  void halt() override;
  core::awaitable<void> stop() override;

  void run_due(core::time_point now) override;
  [[nodiscard]] core::time_point next_due() const override;

  void on_join(const received_request& r) override { requests_.on_join(r); }
  void on_leave(const received_request& r) override { requests_.on_leave(r); }
  void on_update(const received_request& r) override { requests_.on_update(r); }
  void on_route_query(received_request r) override { requests_.on_route_query(std::move(r)); }
  void refuse_client(const received_request& r) override { requests_.refuse_client(r); }

 private:
  ring_view ring_;
  failed_nodes failed_;
  own_state own_;
  upkeep_schedule schedule_;
  pastry_membership membership_;
  leaf_set_admission admission_;
  pastry_views views_;
  state_probes probes_;
  pastry_clock clocks_;
  pastry_failures failures_;
  table_filling table_;
  std::unique_ptr<pastry_role> role_;
  pastry_joiner joiner_;
  pastry_knowledge knowledge_;
  pastry_carrier carrier_;
  pastry_requests requests_;
  pastry_links links_;
  pastry_seeker seeker_;
  pastry_upkeep upkeep_;
  core::task_scope scope_;  // of the coroutines of all of them
};

}  // namespace phyllo::overlay
