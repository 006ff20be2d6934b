// One way that a link goes: a carrier, with what is asked of it for each frame.
#pragma once

#include <memory>
#include <utility>

#include "link/frame_carrier.hpp"

namespace phyllo::transport {

struct link_way {
  explicit link_way(std::shared_ptr<frame_carrier> c)
      : carrier(std::move(c)),
        peer(&carrier->peer()),
        kind(carrier->kind()),
        local(carrier->local()),
        remote(carrier->remote()),
        token(carrier->token()) {}

  // Datagrams carry a longer message in fragments.
  [[nodiscard]] bool datagrams() const noexcept { return kind == link_kind::dtls; }
  [[nodiscard]] std::size_t part_bytes_max() const { return datagrams() ? carrier->frame_bytes_max() - data_header_size : max_message; }

  std::shared_ptr<frame_carrier> carrier;
  const identity::certificate* peer;  // the carrier's
  link_kind kind;
  endpoint local;
  endpoint remote;
  link_token token;
};

}  // namespace phyllo::transport
