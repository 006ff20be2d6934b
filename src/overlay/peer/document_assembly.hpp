// A configuration document that is fetched from another node piece by piece (pastry.md, RouteQuery(document)), as a machine: what is asked
// next, and what fits.
#pragma once

#include <cstdint>
#include <string>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::overlay {

class document_assembly {
 public:
  [[nodiscard]] bool whole() const noexcept { return begun_ && text_.size() >= size_; }
  [[nodiscard]] core::bytes question() const;
  // The answer to it. invalid_message: it is no piece, or one that does not fit, as when the document has been replaced meanwhile.
  core::status take(core::byte_view answer);
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  bool begun_ = false;
  std::uint16_t sequence_ = 0;
  std::uint32_t size_ = 0;
  std::string text_;
};

}  // namespace phyllo::overlay
