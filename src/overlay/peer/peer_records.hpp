// The five operations on records of a peer (overlay.hpp): on its own overlay only.
#pragma once

#include "phyllo/identity/trust.hpp"
#include "phyllo/overlay/peer.hpp"
#include "storage/record_operations.hpp"

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
  peer_records(const identity::trust& trust, record_operations& records) : trust_(trust), records_(records) {}

 private:
  [[nodiscard]] core::status known(const std::string& overlay_id) const;

  const identity::trust& trust_;
  record_operations& records_;
};

}  // namespace phyllo::overlay
