// The five operations on records of a peer (overlay.hpp): on its own overlay only, and once it is part of it.
#pragma once

#include "peer/lower_layers.hpp"
#include "peer/storage_component.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::overlay {

class peer_records : public peer {
 public:
  core::awaitable<core::result<outcome>> get(std::string overlay_id, name n, read_options o) final;
  core::awaitable<core::result<outcome>> add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                             write_options o) final;
  core::awaitable<core::result<outcome>> update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                write_options o) final;
  core::awaitable<core::result<outcome>> remove(std::string overlay_id, name n, write_options o) final;
  core::awaitable<core::result<outcome>> watch(std::string overlay_id, name n, watch_options o) final;

 protected:
  // Parts of the peer that is made of it; they are not used before it is.
  peer_records(const identity::trust& trust, const lower_layers& below, storage_component& stored)
      : trust_(trust), layers_(below), stored_(stored) {}

 private:
  [[nodiscard]] core::status known(const std::string& overlay_id) const;

  const identity::trust& trust_;
  const lower_layers& layers_;
  storage_component& stored_;
};

}  // namespace phyllo::overlay
