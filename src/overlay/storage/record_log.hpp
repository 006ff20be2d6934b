// The format of a record_file (storage.md, section 9): values and their signers' certificates, each in a frame with a check of its own,
// so that what a crash has torn off ends it and nothing else. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kinds/kind.hpp"
#include "phyllo/core/bytes.hpp"

namespace phyllo::overlay {

inline constexpr std::size_t frame_max = 64 * 1024;  // bytes of a frame's body; a value or certificate is smaller

//  Header  "PHYLLO RECORDS\n" (15) | version 1 (1) | length (1) overlay name | check (16)
//  Frame   length (4) | check (16) | body                check: the first 16 bytes of SHA-256 of the body (of the header: of what is
//  before) body    1 (1) | DER of a certificate
//          2 (1) | ResourceId | Kind (4) | generation (8) | expires (8), Unix ms | StoredData
struct saved_value {
  resource_id resource;
  kind_id kind = 0;
  std::uint64_t generation = 0;
  std::uint64_t expires_ms = 0;  // by the wall clock
  stored_data data;
};

[[nodiscard]] core::bytes encode_log_header(const std::string& overlay_name);
void append_certificate(core::bytes& out, core::byte_view der);
void append_value(core::bytes& out, const saved_value& v);

// Takes a file in pieces of any size and gives it back frame by frame.
class log_reader {
 public:
  log_reader(std::string overlay_name, kind_table kinds) : overlay_name_(std::move(overlay_name)), kinds_(kinds) {}

  void add(core::byte_view piece);
  enum class step {
    certificate,  // der()
    value,        // value()
    unknown,      // a value of a Kind that is none any more, or a type of frame of a later version
    more,         // what is there is read; at the end of the file with rest() > 0: torn off
    foreign,      // no such file, or of another version or overlay
    damaged,      // a frame whose check fails
  };
  [[nodiscard]] step next();  // foreign and damaged stay

  [[nodiscard]] core::byte_view der() const noexcept { return der_; }  // until the next call
  [[nodiscard]] const saved_value& value() const noexcept { return value_; }
  [[nodiscard]] std::size_t rest() const noexcept { return buffer_.size() - at_; }

 private:
  step read_header();
  step read_body(core::byte_view body);

  std::string overlay_name_;
  kind_table kinds_;
  core::bytes buffer_;
  std::size_t at_ = 0;  // of it read
  bool begun_ = false;
  std::optional<step> broken_;
  core::bytes der_;
  saved_value value_;
};

}  // namespace phyllo::overlay
