// The usages of one node, over the records of its overlay.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/resource_hash.hpp"
#include "phyllo/overlay/usages.hpp"
#include "storage/record_operations.hpp"

namespace phyllo::overlay {

class usages_impl final : public usages {
 public:
  // References outlive it.
  usages_impl(core::environment& env, std::shared_ptr<const identity::credential> self, const identity::trust& trust,
              record_operations& over, resource_hash hash)
      : env_(env), self_(std::move(self)), trust_(trust), records_(over), hash_(hash) {}

  core::awaitable<core::result<outcome>> store_entry(std::uint32_t kind, resource_id resource, kind_entry e, std::chrono::seconds lifetime,
                                                     core::duration timeout) override;
  core::awaitable<core::result<std::vector<kind_value>>> fetch_entries(std::uint32_t kind, resource_id resource,
                                                                       core::duration timeout) override;
  core::awaitable<core::result<resource_id>> find_resource(std::uint32_t kind, resource_id near, core::duration timeout) override;
  core::awaitable<core::status> publish_certificate(std::chrono::seconds lifetime, core::duration timeout) override;
  core::awaitable<core::result<std::vector<identity::certificate>>> certificates_of_node(node_id node, core::duration timeout) override;
  core::awaitable<core::result<std::vector<identity::certificate>>> certificates_of_user(std::string user, core::duration timeout) override;
  core::awaitable<core::status> map_aor(aor_mapping to, std::chrono::seconds lifetime, core::duration timeout) override;
  core::awaitable<core::result<std::vector<aor_mapping>>> mappings_of(std::string user, core::duration timeout) override;
  core::awaitable<core::status> advertise_relay(transport::endpoint at, unsigned density, std::chrono::seconds lifetime,
                                                core::duration timeout) override;
  core::awaitable<core::result<transport::endpoint>> find_relay(unsigned tries, core::duration timeout) override;

  // usages_redir.cpp
  core::awaitable<core::status> provide(std::string service, std::chrono::seconds lifetime, core::duration timeout) override;
  core::awaitable<core::status> withdraw(std::string service, core::duration timeout) override;
  core::awaitable<core::result<node_id>> find_provider(std::string service, node_id key, core::duration timeout) override;

 private:
  [[nodiscard]] const node_id& self() const { return self_->certificate.node(); }
  core::awaitable<core::status> publish_at(std::uint32_t kind, resource_id resource, std::chrono::seconds lifetime,
                                           core::time_point deadline);
  core::awaitable<core::result<std::vector<identity::certificate>>> certificates_at(std::uint32_t kind, resource_id resource,
                                                                                    core::duration timeout);
  // Node-IDs of a service's providers in the tree node of `level` that `id` lies in.
  core::awaitable<core::result<std::vector<node_id>>> providers_at(std::string service, std::uint16_t level, node_id id,
                                                                   core::time_point deadline);
  core::awaitable<core::status> enter(std::string service, std::uint16_t level, bool exists, std::chrono::seconds lifetime,
                                      core::time_point deadline);

  core::environment& env_;
  std::shared_ptr<const identity::credential> self_;
  const identity::trust& trust_;
  record_operations& records_;
  resource_hash hash_;
};

}  // namespace phyllo::overlay
