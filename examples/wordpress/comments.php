<?php
/**
 * The comments of a post. The link is for readers without JavaScript.
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

$afterword_url = get_permalink();
?>
<section id="comments" class="comments-area">
	<div id="afterword"
		data-url="<?php echo esc_url( $afterword_url ); ?>"
		data-title="<?php echo esc_attr( wp_strip_all_tags( get_the_title() ) ); ?>"></div>
	<script src="<?php echo esc_url( AFTERWORD_WORKER ); ?>/embed.js" async crossorigin="anonymous"></script>
	<noscript><a href="<?php echo esc_url( AFTERWORD_WORKER . '/thread?url=' . rawurlencode( $afterword_url ) ); ?>">Comments</a></noscript>
</section>
